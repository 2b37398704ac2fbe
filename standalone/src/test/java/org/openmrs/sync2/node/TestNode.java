package org.openmrs.sync2.node;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Comparator;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

/** A node on a free port with a database of its own, and a client that has logged in. */
final class TestNode implements AutoCloseable {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  final NodeServer server;
  final NodeHost host;
  private final Path directory;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .cookieHandler(new CookieManager())
          .build();

  private TestNode(NodeServer server, Path directory) {
    this.server = server;
    this.host = server.host();
    this.directory = directory;
  }

  static TestNode start(boolean lossy) throws Exception {
    return start(lossy, NodeConfig.ROOT);
  }

  /**
   * @param sync the engine's document
   */
  static TestNode start(boolean lossy, String sync) throws Exception {
    Path directory = Files.createTempDirectory("sync2-node");
    NodeConfig.Server settings =
        new NodeConfig.Server(
            "127.0.0.1",
            0,
            directory,
            "admin",
            "secret",
            Map.of("child", "child-secret"),
            lossy,
            5);
    return start(new NodeConfig(settings, sync), directory);
  }

  /**
   * @param directory is removed when the node is closed
   */
  static TestNode start(NodeConfig config, Path directory) throws Exception {
    TestNode node = new TestNode(NodeServer.start(config), directory);
    node.logIn();
    return node;
  }

  private void logIn() throws Exception {
    send(request("/ws/rest/v1/session").header("Authorization", basic("admin", "secret")).build());
  }

  static String basic(String username, String password) {
    byte[] credentials = (username + ":" + password).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(credentials);
  }

  /** A uuid that no other test uses. */
  static String newUuid() {
    return UUID.randomUUID().toString();
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(server.baseUrl() + path));
  }

  HttpResponse<String> send(HttpRequest request) throws Exception {
    return client.send(request, BodyHandlers.ofString());
  }

  HttpResponse<String> get(String path) throws Exception {
    return send(request(path).build());
  }

  HttpResponse<String> put(String path, String fhir) throws Exception {
    return send(
        request(path)
            .header("Content-Type", "application/fhir+json")
            .PUT(BodyPublishers.ofString(fhir))
            .build());
  }

  HttpResponse<String> post(String path, String json) throws Exception {
    return send(
        request(path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(json))
            .build());
  }

  HttpResponse<String> delete(String path) throws Exception {
    return send(request(path).DELETE().build());
  }

  JsonNode getJson(String path) throws Exception {
    return MAPPER.readTree(get(path).body());
  }

  /** Saves FHIR documents in one transaction of the host. */
  void save(String category, String uuid, String fhir) {
    host.begin();
    host.save("fhir", category, uuid, fhir.getBytes(StandardCharsets.UTF_8));
    host.commit();
  }

  /** Removes in a transaction of its own. */
  void remove(String category, String uuid) {
    host.begin();
    host.remove("fhir", category, uuid, "VOIDED");
    host.commit();
  }

  /** What the host reads in a transaction of its own: null, {@code REMOVED} or the document. */
  byte[] readBytes(String category, String uuid) {
    host.begin();
    try {
      return host.read("fhir", category, uuid, false);
    } finally {
      host.rollback();
    }
  }

  JsonNode read(String category, String uuid) {
    try {
      return MAPPER.readTree(readBytes(category, uuid));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static JsonNode parse(String json) throws IOException {
    return MAPPER.readTree(json);
  }

  @Override
  public void close() throws IOException {
    server.close();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
