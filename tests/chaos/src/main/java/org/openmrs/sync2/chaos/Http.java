package org.openmrs.sync2.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
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

/** What people and the harness ask of a node, past its line. */
final class Http {

  static final ObjectMapper MAPPER = new ObjectMapper();

  /** Only so that a node which hangs ends a schedule. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final URI base;
  private final String authorization;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /**
   * @param base such as {@code http://127.0.0.1:8080/openmrs}
   */
  Http(URI base, String user, String password) {
    this.base = base;
    byte[] credentials = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
    this.authorization = "Basic " + Base64.getEncoder().encodeToString(credentials);
  }

  /**
   * An answer.
   *
   * @param status 0 when none came
   * @param body missing when it is not JSON
   */
  record Answer(int status, JsonNode body) {

    boolean isDone() {
      return status / 100 == 2;
    }

    /** The node has not done it, and says so. */
    boolean isRefused() {
      return status / 100 == 4;
    }

    /** The body of what must not fail. */
    JsonNode required() throws IOException {
      if (!isDone()) {
        throw new IOException("status " + status + ": " + body);
      }
      return body;
    }
  }

  Answer get(String path) {
    return send(request(path).GET());
  }

  /** Gives the sync API a command. */
  Answer command(String name, JsonNode details) {
    return send(
        request("/ws/rest/v1/sync2/" + name)
            .header("Content-Type", "application/json")
            .header("X-Sync2", "1")
            .POST(BodyPublishers.ofString(details.toString())));
  }

  /** Creates or replaces a FHIR resource, whatever is there. */
  Answer put(String path, JsonNode document) {
    return send(putting(path, document));
  }

  /** Replaces that version of a FHIR resource, and no other one. */
  Answer replace(String path, JsonNode document, long version) {
    return send(putting(path, document).header("If-Match", "W/\"" + version + "\""));
  }

  private HttpRequest.Builder putting(String path, JsonNode document) {
    return request(path)
        .header("Content-Type", "application/fhir+json")
        .PUT(BodyPublishers.ofString(document.toString()));
  }

  Answer delete(String path) {
    return send(request(path).DELETE());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(base + path))
        .timeout(PATIENCE)
        .header("Authorization", authorization)
        .header("Cache-Control", "no-cache");
  }

  private Answer send(HttpRequest.Builder request) {
    try {
      HttpResponse<String> answer = client.send(request.build(), BodyHandlers.ofString());
      return new Answer(answer.statusCode(), parsed(answer.body()));
    } catch (IOException e) {
      return new Answer(0, MissingNode.getInstance());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Answer(0, MissingNode.getInstance());
    }
  }

  private static JsonNode parsed(String body) {
    try {
      return MAPPER.readTree(body);
    } catch (IOException e) {
      return MissingNode.getInstance();
    }
  }
}
