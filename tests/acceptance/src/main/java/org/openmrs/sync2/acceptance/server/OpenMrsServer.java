package org.openmrs.sync2.acceptance.server;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import org.openmrs.sync2.acceptance.Json;

/**
 * One of the two OpenMRS servers, over HTTP. It logs in when it is asked to, and the session serves
 * all requests from then on. Safe for several threads.
 */
public final class OpenMrsServer {

  /** How the suite shows itself in a server's access log. */
  public static final String USER_AGENT = "sync2-acceptance";

  private static final String REST = "/ws/rest/v1/";
  private static final String FHIR = "/ws/fhir2/R4/";
  private static final String LINES = "application/vnd.openmrs.sync2.v1+ndjson";
  private static final Duration TIME_OUT = Duration.ofMinutes(3);

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .cookieHandler(new CookieManager())
          .connectTimeout(TIME_OUT)
          .build();
  private final String base;
  private final String authorization;

  /**
   * @param base such as {@code http://127.0.0.1:8080/openmrs}
   */
  public OpenMrsServer(String base, Login login) {
    this.base = base.replaceAll("/+$", "");
    byte[] credentials = login.toString().getBytes(StandardCharsets.UTF_8);
    this.authorization = "Basic " + Base64.getEncoder().encodeToString(credentials);
  }

  /** An account of the server. */
  public record Login(String username, String password) {

    /** As Basic authentication writes it. */
    @Override
    public String toString() {
      return username + ":" + password;
    }
  }

  /** The address, without a slash at the end. */
  public String base() {
    return base;
  }

  /** The same server for a caller without a session. */
  public Answer getAnonymously(String path) throws IOException {
    HttpClient stranger = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    return send(stranger, request(path).GET().build());
  }

  /**
   * Takes a session.
   *
   * @throws IOException when the server cannot be reached or does not know the account
   */
  public void logIn() throws IOException {
    HttpRequest request = request(REST + "session").header("Authorization", authorization).build();
    Answer answer = send(http, request);
    if (!answer.ok() || !answer.json().path("authenticated").asBoolean()) {
      throw new RefusedException("the log-in at " + base, answer);
    }
  }

  /** Whether the server takes the log-in now. */
  public boolean answers() {
    try {
      logIn();
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Any answer to a GET below the address, whatever its status. */
  public Answer get(String path) throws IOException {
    return send(request(path).GET().build());
  }

  /** Any answer to a GET of REST, such as {@code patient/UUID?v=full}. */
  public Answer getRest(String path) throws IOException {
    return get(REST + path);
  }

  /** Any answer to a GET of FHIR R4, such as {@code Patient/UUID}. */
  public Answer getFhir(String path) throws IOException {
    return get(FHIR + path);
  }

  /** Any answer to a POST of REST. */
  public Answer postRest(String path, Object body) throws IOException {
    return send(
        request(REST + path)
            .header("Content-Type", "application/json")
            // The module's own API asks for it; the others pass it over.
            .header("X-Sync2", "1")
            .POST(json(body))
            .build());
  }

  /** Any answer to a module that is uploaded, as an administrator's page does it. */
  public Answer uploadModule(Path file) throws IOException {
    String boundary = "acceptance-" + System.nanoTime();
    String head =
        "--"
            + boundary
            + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\""
            + file.getFileName()
            + "\"\r\nContent-Type: application/octet-stream\r\n\r\n";
    BodyPublisher body =
        BodyPublishers.concat(
            BodyPublishers.ofString(head),
            BodyPublishers.ofFile(file),
            BodyPublishers.ofString("\r\n--" + boundary + "--\r\n"));
    return send(
        request(REST + "module")
            .header("Content-Type", "multipart/form-data; boundary=" + boundary)
            .POST(body)
            .build());
  }

  /** Any answer to lines that are sent to the module's exchange, as a child sends them. */
  public Answer postLines(String path, String lines) throws IOException {
    return send(lines(path, lines));
  }

  /** The same for a caller without a session. */
  public Answer postLinesAnonymously(String path, String lines) throws IOException {
    HttpClient stranger = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    return send(stranger, lines(path, lines));
  }

  private HttpRequest lines(String path, String lines) {
    return request(REST + path)
        .header("Content-Type", LINES)
        .header("X-Sync2", "1")
        .header("X-Sync2-Node", USER_AGENT)
        .POST(BodyPublishers.ofString(lines))
        .build();
  }

  /**
   * The JSON of a REST resource.
   *
   * @throws RefusedException when it is not answered with 2xx
   */
  public JsonNode read(String path) throws IOException {
    return expectOk("GET " + path, getRest(path)).json();
  }

  /**
   * Creates an object by REST.
   *
   * @return its uuid
   */
  public String create(String resource, Object body) throws IOException {
    return write(resource, body).path("uuid").asText();
  }

  /**
   * Changes an object by REST.
   *
   * @return its uuid: that of an observation is another one after a change
   */
  public String change(String resource, String uuid, Object body) throws IOException {
    return create(resource + "/" + uuid, body);
  }

  /** Voids or retires an object by REST. */
  public void remove(String resource, String uuid) throws IOException {
    String path = resource + "/" + uuid + "?reason=acceptance";
    expectOk("DELETE " + path, send(request(REST + path).DELETE().build()));
  }

  /** Undoes {@link #remove}. */
  public void restore(String resource, String uuid) throws IOException {
    write(resource + "/" + uuid, Map.of("deleted", "false"));
  }

  /**
   * Writes by REST.
   *
   * @return the JSON of the answer
   */
  public JsonNode write(String path, Object body) throws IOException {
    return expectOk("POST " + path, postRest(path, body)).json();
  }

  private Answer expectOk(String request, Answer answer) throws IOException {
    if (!answer.ok()) {
      throw new RefusedException(request + " at " + base, answer);
    }
    return answer;
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(base + path))
        .timeout(TIME_OUT)
        .header("User-Agent", USER_AGENT);
  }

  private static BodyPublisher json(Object body) {
    return BodyPublishers.ofString(Json.write(body));
  }

  /** Sends with the session, and takes a new one when it has ended. */
  private Answer send(HttpRequest request) throws IOException {
    Answer answer = send(http, request);
    if (answer.status() != 401) {
      return answer;
    }
    logIn();
    return send(http, request);
  }

  private static Answer send(HttpClient client, HttpRequest request) throws IOException {
    try {
      var response = client.send(request, BodyHandlers.ofByteArray());
      return new Answer(response.statusCode(), response.body());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for " + request.uri(), e);
    }
  }
}
