package org.openmrs.sync2.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class NodeConfigTest {

  @Test
  void aSmallFileHasAllDefaults() {
    NodeConfig config =
        NodeConfig.parse("{\"server\": {\"username\": \"admin\", \"password\": \"secret\"}}");

    assertEquals("127.0.0.1", config.server().address());
    assertEquals(8080, config.server().port());
    assertEquals(5, config.server().feedPageSize());
    assertFalse(config.server().lossy());
    assertEquals(
        "{\"pull\":{\"enabled\":false},\"exchange\":{\"children\":{\"admin\":{\"write\":[\"*\"]}}}}",
        config.sync());
  }

  @Test
  void theEngineGetsItsPartAsItIs() {
    NodeConfig config =
        NodeConfig.parse(
            "{\"server\": {\"username\": \"admin\", \"password\": \"secret\"}, \"sync\":"
                + " {\"parent\": {\"url\": \"https://parent.example.org/openmrs\"}, \"pull\":"
                + " {\"enabled\": false}}}");

    assertTrue(config.sync().contains("https://parent.example.org/openmrs"));
  }

  @Test
  void everyWrongFieldIsNamedByItsPathAtOnce() {
    NodeConfigException wrong =
        assertThrows(
            NodeConfigException.class,
            () ->
                NodeConfig.parse(
                    "{\"server\": {\"port\": 70000, \"username\": \"\", \"password\": {\"env\":"
                        + " \"SYNC2_NOT_SET\"}, \"lossy\": 1, \"colour\": 2}, \"sync\": [],"
                        + " \"extra\": {}}"));

    for (String path :
        List.of(
            "server.port",
            "server.username",
            "server.password",
            "server.lossy",
            "server.colour",
            "sync",
            "extra")) {
      assertTrue(wrong.getMessage().lines().anyMatch(line -> line.startsWith(path + ": ")), path);
    }
    assertEquals(7, wrong.getMessage().lines().count(), wrong.getMessage());
  }

  @Test
  void lossyStorageWithoutItsJarIsRefusedAsAWrongField() {
    NodeConfigException wrong =
        assertThrows(
            NodeConfigException.class,
            () ->
                withoutServices(
                    () ->
                        NodeConfig.parse(
                            "{\"server\": {\"username\": \"admin\", \"password\": \"secret\","
                                + " \"lossy\": true}}")));

    assertEquals("server.lossy: " + StorageImitation.MISSING, wrong.getMessage());
  }

  /** As on the class path of a node alone. */
  private static void withoutServices(Runnable action) {
    Thread thread = Thread.currentThread();
    ClassLoader loader = thread.getContextClassLoader();
    thread.setContextClassLoader(ClassLoader.getPlatformClassLoader());
    try {
      action.run();
    } finally {
      thread.setContextClassLoader(loader);
    }
  }

  @Test
  void aPasswordIsNeverShown() {
    NodeConfig config =
        NodeConfig.parse(
            "{\"server\": {\"username\": \"admin\", \"password\": \"secret\"},"
                + " \"sync\": {\"parent\": {\"password\": \"secret\"}}}");

    assertFalse(config.toString().contains("secret"));
  }
}
