package org.openmrs.sync2.node.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.function.Consumer;

/** A node over HTTP: its FHIR server and its REST metadata. Safe for several threads. */
final class NodeClient {

  private static final String SYNC = "/ws/rest/v1/sync2/";
  private static final int PAGE_SIZE = 500;
  private static final int TRIES = 6;
  private static final Duration TIME_OUT = Duration.ofSeconds(60);

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(TIME_OUT).build();
  private final URI base;
  private final String authorization;

  /**
   * @param base such as {@code http://127.0.0.1:8081/openmrs}, without a slash at the end
   */
  NodeClient(URI base, String username, String password) {
    this.base = base;
    byte[] credentials = (username + ":" + password).getBytes(StandardCharsets.UTF_8);
    this.authorization = "Basic " + Base64.getEncoder().encodeToString(credentials);
  }

  /**
   * Creates an object under its id; a FHIR resource that is there is replaced.
   *
   * @throws IOException when the node cannot be reached
   * @throws DemoException when it refuses the object
   */
  void store(SourceObject object) throws IOException {
    switch (object.kind().form()) {
      case FHIR -> put(object);
      case REST -> post(uri(object.kind().path()), object);
    }
  }

  /**
   * Replaces an object that is there.
   *
   * @throws IOException when the node cannot be reached
   * @throws DemoException when it refuses the object
   */
  void change(SourceObject object) throws IOException {
    switch (object.kind().form()) {
      case FHIR -> put(object);
      case REST -> post(uri(object), object);
    }
  }

  private void put(SourceObject object) throws IOException {
    send(
        request(uri(object))
            .header("Content-Type", "application/fhir+json")
            .PUT(BodyPublishers.ofString(object.document().toString()))
            .build());
  }

  private void post(URI uri, SourceObject object) throws IOException {
    send(
        request(uri)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(object.document().toString()))
            .build());
  }

  /**
   * Removes an object, as a user of the node does: a FHIR resource is deleted, metadata retired.
   *
   * @throws IOException when the node cannot be reached
   * @throws DemoException when it refuses that
   */
  void remove(ObjectKind kind, String id) throws IOException {
    send(request(uri(kind.path() + "/" + id)).DELETE().build());
  }

  /** Hands over the id of every object of a kind that the node lists. */
  void forEachId(ObjectKind kind, Consumer<String> consumer) throws IOException {
    switch (kind.form()) {
      case FHIR ->
          forEachResult(
              uri(kind.path() + "?_elements=id&_count=" + PAGE_SIZE),
              object -> consumer.accept(object.path("id").asText()));
      case REST ->
          forEachResult(
              uri(kind.path() + "?v=full&limit=" + PAGE_SIZE),
              object -> consumer.accept(object.path("uuid").asText()));
    }
  }

  /** Hands over every object that a FHIR search finds, or a REST list has, page after page. */
  private void forEachResult(URI first, Consumer<JsonNode> consumer) throws IOException {
    for (URI page = first; page != null; ) {
      JsonNode answer = get(page);
      answer.path("entry").forEach(entry -> consumer.accept(entry.path("resource")));
      answer.path("results").forEach(consumer);
      page = nextPage(page, answer);
    }
  }

  /** FHIR says {@code link[].relation/url}, OpenMRS's REST module {@code links[].rel/uri}. */
  private static URI nextPage(URI page, JsonNode answer) {
    for (JsonNode link : answer.path("link")) {
      if (link.path("relation").asText().equals("next")) {
        return page.resolve(link.path("url").asText());
      }
    }
    for (JsonNode link : answer.path("links")) {
      if (link.path("rel").asText().equals("next")) {
        return page.resolve(link.path("uri").asText());
      }
    }
    return null;
  }

  /**
   * Hands over the documents of those of the ids that are there.
   *
   * @param ids few enough to stand in a url
   */
  void forEachDocument(ObjectKind kind, Iterable<String> ids, Consumer<ObjectNode> consumer)
      throws IOException {
    switch (kind.form()) {
      case FHIR ->
          forEachResult(
              uri(kind.path() + "?_count=" + PAGE_SIZE + "&_id=" + String.join(",", ids)),
              object -> consumer.accept((ObjectNode) object));
      case REST -> {
        for (String id : ids) {
          consumer.accept((ObjectNode) get(uri(kind.path() + "/" + id + "?v=full")));
        }
      }
    }
  }

  /**
   * Returns the answer of the node's synchronization.
   *
   * @param path below {@code /ws/rest/v1/sync2/}
   * @throws IOException when the node cannot be reached
   * @throws DemoException when it refuses
   */
  JsonNode sync(String path) throws IOException {
    return get(uri(SYNC + path));
  }

  /** Asks the node's synchronization to change something. Answers and fails as {@link #sync}. */
  JsonNode sync(String path, ObjectNode body) throws IOException {
    return Json.MAPPER.readTree(
        send(
            request(uri(SYNC + path))
                .header("Content-Type", "application/json")
                .header("X-Sync2", "1")
                .POST(BodyPublishers.ofString(body.toString()))
                .build()));
  }

  private JsonNode get(URI uri) throws IOException {
    return Json.MAPPER.readTree(send(request(uri).GET().build()));
  }

  private URI uri(SourceObject object) {
    return uri(object.kind().path() + "/" + object.id());
  }

  private URI uri(String path) {
    return URI.create(base + path);
  }

  /** A search of HAPI's is answered from a cache of its own unless the request forbids it. */
  private HttpRequest.Builder request(URI uri) {
    if (!uri.getRawAuthority().equals(base.getRawAuthority())) {
      throw new DemoException(base + " sends us to another server: " + uri);
    }
    return HttpRequest.newBuilder(uri)
        .timeout(TIME_OUT)
        .header("Authorization", authorization)
        .header("Accept", "application/json, application/fhir+json")
        .header("Cache-Control", "no-cache");
  }

  /** HAPI answers 409 when two writers touch the same rows: it is to be sent again. */
  private byte[] send(HttpRequest request) throws IOException {
    HttpResponse<byte[]> response = sendOnce(request);
    for (int tries = 1; response.statusCode() == 409 && tries < TRIES; tries++) {
      response = sendOnce(request);
    }
    if (response.statusCode() / 100 != 2) {
      throw new DemoException(
          request.method()
              + " "
              + request.uri()
              + " was answered with "
              + response.statusCode()
              + reason(response.body()));
    }
    return response.body();
  }

  private HttpResponse<byte[]> sendOnce(HttpRequest request) throws IOException {
    try {
      return http.send(request, BodyHandlers.ofByteArray());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted during " + request.method() + " " + request.uri(), e);
    }
  }

  /** Returns the text of a FHIR OperationOutcome or a REST error, if the body is one. */
  private static String reason(byte[] body) {
    try {
      JsonNode answer = Json.MAPPER.readTree(body);
      String diagnostics = answer.at("/issue/0/diagnostics").asText();
      String said = diagnostics.isEmpty() ? answer.at("/error/message").asText() : diagnostics;
      return said.isEmpty() ? "" : ": " + said.substring(0, Math.min(said.length(), 300));
    } catch (IOException notJson) {
      return "";
    }
  }
}
