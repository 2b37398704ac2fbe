package org.openmrs.sync2.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The node as people start it: with its own jars, and none of the demo's. */
class NodeAloneTest {

  @TempDir private Path directory;

  @Test
  void nodeWithItsOwnJarsOnlyServesWhatItIsSent() throws Exception {
    int port = FreePort.take();
    Path file = nodeFile(NodeHttp.MAPPER.createObjectNode().put("port", port));
    ObjectNode patient =
        NodeHttp.MAPPER.createObjectNode().put("resourceType", "Patient").put("id", "first");

    try (JavaProcess node =
        JavaProcess.startNodeAlone("node-alone", "node", "--config", file.toString())) {
      assertTrue(node.awaitLine(line -> line.contains("Listening on ")).isPresent());
      URI url = URI.create("http://127.0.0.1:" + port + "/openmrs");
      NodeHttp http = new NodeHttp(url, NodeProcess.ACCOUNT);
      http.put(patient);

      JsonNode read = http.get(NodeHttp.fhirPath(patient));
      assertEquals("first", read.get("id").asText());
      assertTrue(http.get("/ws/rest/v1/sync2/status").isObject());
    }
  }

  @Test
  void lossyStorageWithItsOwnJarsOnlyIsAMistakeOfTheFile() throws Exception {
    Path file = nodeFile(NodeHttp.MAPPER.createObjectNode().put("lossy", true));

    try (JavaProcess check =
        JavaProcess.startNodeAlone("node-alone-lossy", "config", "check", file.toString())) {
      assertTrue(check.awaitLine(line -> line.startsWith("server.lossy: needs ")).isPresent());
      assertEquals(1, check.awaitExit());
    }
  }

  private Path nodeFile(ObjectNode server) throws Exception {
    server
        .put("dataDirectory", directory.resolve("data").toString())
        .put("username", NodeProcess.ACCOUNT.username())
        .put("password", NodeProcess.ACCOUNT.password());
    ObjectNode document = NodeHttp.MAPPER.createObjectNode();
    document.set("server", server);
    return Files.writeString(directory.resolve("node.json"), document.toString());
  }
}
