package org.openmrs.sync2.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openmrs.sync2.node.demo.DemoParts;
import org.openmrs.sync2.node.demo.DemoParts.GeneratedData;

/** Two standalone nodes that exchange objects in bulk, each a process of its own. */
class ExchangeTest {

  private static final String READ = "/ws/rest/v1/sync2/objects/read";

  @TempDir static Path directory;

  private static NodeProcess parent;

  @BeforeAll
  static void start() throws Exception {
    parent = NodeProcess.root("exchange-parent", directory);
  }

  @AfterAll
  static void stop() {
    if (parent != null) {
      parent.close();
    }
  }

  @Test
  void aChildPullsThroughTheExchangeOfItsParent() throws Exception {
    parent.load(new GeneratedData(2, 20));
    try (NodeProcess child = NodeProcess.child("exchange-child", directory, parent.url())) {
      NodeHttp http = child.http();
      Await.until("equal nodes", () -> unequal(child), List::isEmpty);
      assertEquals(Set.of("exchange"), clients(http));
      JsonNode notes = http.get("/ws/rest/v1/sync2/status").get("notes");
      assertTrue(notes.isEmpty(), notes::toPrettyString);
    }
  }

  private static List<String> unequal(NodeProcess child) throws Exception {
    return DemoParts.unequal(parent.url(), child.url(), NodeProcess.ACCOUNT);
  }

  /** Which clients brought what was saved. */
  private static Set<String> clients(NodeHttp http) throws Exception {
    Set<String> clients = new TreeSet<>();
    for (JsonNode message : http.auditMessages()) {
      if (message.get("status").asText().equals("APPLIED")) {
        clients.add(message.get("client").asText());
      }
    }
    return clients;
  }

  @Test
  void nobodyExchangesAnythingWithoutLoggingIn() throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(parent.url() + READ))
            .header("Content-Type", "application/vnd.openmrs.sync2.v1+ndjson")
            .header("X-Sync2", "1")
            .header("X-Sync2-Node", "stranger")
            .POST(BodyPublishers.noBody())
            .build();
    assertEquals(
        401, HttpClient.newHttpClient().send(request, BodyHandlers.discarding()).statusCode());
  }
}
