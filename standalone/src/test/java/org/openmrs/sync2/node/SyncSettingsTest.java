package org.openmrs.sync2.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SyncSettingsTest {

  private static final String DOCUMENT =
      "{\"parent\": {\"url\": \"http://127.0.0.1:9/openmrs\", \"username\": \"child\","
          + " \"password\": \"of-the-parent\"}, \"pull\": {\"enabled\": false}}";

  @TempDir private Path directory;

  private NodeConfig config() {
    return NodeConfig.parse(
        "{\"server\": {\"port\": 0, \"dataDirectory\": \""
            + directory.resolve("data")
            + "\", \"username\": \"admin\", \"password\": \"secret\"}}");
  }

  private static HttpResponse<String> save(TestNode node, String document) throws Exception {
    return post(node, "config", document);
  }

  private static HttpResponse<String> post(TestNode node, String path, String document)
      throws Exception {
    return node.send(
        node.request("/ws/rest/v1/sync2/" + path)
            .header("Content-Type", "application/json")
            .header("X-Sync2", "1")
            .POST(BodyPublishers.ofString(document))
            .build());
  }

  @Test
  void savedConfigurationHoldsAtOnceAndAfterAStart() throws Exception {
    Path file = directory.resolve("data").resolve("sync.json");
    try (TestNode node = TestNode.start(config(), directory.resolve("data"))) {
      assertTrue(node.getJson("/ws/rest/v1/sync2/status").get("parent").isNull());

      HttpResponse<String> wrong = save(node, DOCUMENT.replace("\"child\"", "3"));
      assertEquals(400, wrong.statusCode(), wrong.body());
      assertFalse(Files.exists(file));

      HttpResponse<String> saved = save(node, DOCUMENT);
      assertEquals(200, saved.statusCode(), saved.body());
      assertFalse(saved.body().contains("of-the-parent"));
      JsonNode status = node.getJson("/ws/rest/v1/sync2/status");
      assertEquals("http://127.0.0.1:9/openmrs", status.get("parent").textValue());
      assertEquals(
          PosixFilePermissions.fromString("rw-------"), Files.getPosixFilePermissions(file));

      String nextStart = new SyncSettings(config()).document().json();
      assertTrue(nextStart.contains("http://127.0.0.1:9/openmrs"), nextStart);
      assertTrue(nextStart.contains("\"of-the-parent\""));
      assertTrue(nextStart.contains("\"admin\":{\"write\":[\"*\"]}"), nextStart);
    }
  }

  @Test
  void aDataDirectoryThatIsThereAlreadyIsClosedToOthers() throws Exception {
    Path data = Files.createDirectory(directory.resolve("data"));
    Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwxr-xr-x"));
    try (TestNode node = TestNode.start(config(), data)) {
      assertEquals(200, node.get("/ws/rest/v1/sync2/status").statusCode());
      assertEquals(
          PosixFilePermissions.fromString("rwx------"), Files.getPosixFilePermissions(data));
    }
  }

  @Test
  void certificatesAreASmallFileOfTheDataDirectoryOrNothingIsKept() throws Exception {
    Path data = directory.resolve("data");
    try (TestNode node = TestNode.start(config(), data)) {
      Path large = Files.write(data.resolve("large.pem"), new byte[(1 << 20) + 1]);
      for (String file : new String[] {"/dev/zero", "/etc/passwd", "ca.pem", large.toString()}) {
        String document = DOCUMENT.replace("{\"url\"", "{\"caFile\": \"" + file + "\", \"url\"");
        for (String path : new String[] {"config", "config/check"}) {
          HttpResponse<String> refused = post(node, path, document);
          assertEquals(400, refused.statusCode(), file + ": " + refused.body());
          assertTrue(refused.body().contains("parent.caFile: "), refused.body());
        }
      }
      assertFalse(Files.exists(data.resolve("sync.json")));
    }
  }

  @Test
  void whereTheNodeFileHasTheConfigurationNothingIsSaved() throws Exception {
    try (TestNode node = TestNode.start(false)) {
      HttpResponse<String> refused = save(node, DOCUMENT);

      assertEquals(405, refused.statusCode(), refused.body());
      assertTrue(refused.body().contains("in the file"), refused.body());
    }
  }
}
