package org.openmrs.sync2.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.openmrs.sync2.node.demo.Demo;
import org.openmrs.sync2.node.demo.DemoParts.Account;

/** The demo as people start it. */
class DemoProcessTest {

  @Test
  void endsWithEqualNodes() throws Exception {
    JsonNode report = demo(0);

    assertTrue(report.get("compared").asInt() > 0);
    assertTrue(report.get("equal").asBoolean());
    assertEquals(0, report.get("different").asInt());
    assertEquals(0, report.get("parked").asInt());
  }

  @Test
  void findsAPlantedDifference() throws Exception {
    JsonNode report = demo(1, "--plant-difference");

    assertEquals(1, report.get("different").asInt());
    assertFalse(report.get("equal").asBoolean());
  }

  @Test
  void pushesUntilBothAreEqualAndTheNetworkIsSilent() throws Exception {
    JsonNode report = demo(0, "--push");

    JsonNode pushed = report.get("pushed");
    assertTrue(pushed.get("APPLIED").asInt() > 0, pushed::toString);
    assertEquals(1, pushed.get("REMOVED").asInt());
    assertTrue(report.get("silent").asBoolean());
    assertTrue(report.get("equal").asBoolean());
  }

  @Test
  void findsADifferenceThatIsPlantedAfterThePush() throws Exception {
    JsonNode report = demo(1, "--push", "--plant-difference");

    assertEquals(1, report.get("different").asInt());
    assertTrue(report.get("silent").asBoolean());
  }

  @Test
  void aConflictIsDecidedAndBothAreEqual() throws Exception {
    JsonNode report = demo(0, "--conflict");

    JsonNode conflict = report.get("conflict");
    assertEquals(1, conflict.get("differences").size(), conflict::toString);
    JsonNode difference = conflict.get("differences").get(0);
    assertEquals("birthDate", difference.get("path").asText());
    assertNotEquals(difference.get("ours"), difference.get("theirs"));
    assertEquals(0, conflict.get("still_open").asInt());
    assertTrue(conflict.get("holds").asBoolean());
    assertTrue(report.get("silent").asBoolean());
    assertTrue(report.get("equal").asBoolean());
  }

  @Test
  void findsADifferenceThatIsPlantedAfterTheDecision() throws Exception {
    JsonNode report = demo(1, "--conflict", "--plant-difference");

    assertEquals(1, report.get("different").asInt());
    assertEquals(0, report.get("conflict").get("still_open").asInt());
  }

  @Test
  void editsAtEachOfThreeLevelsReachAll() throws Exception {
    JsonNode report = demo(0, "--levels=3", "--leaf-port=" + FreePort.take());

    JsonNode levels = report.get("levels");
    assertEquals(9, levels.get("copies").asInt());
    assertEquals(9, levels.get("reached").asInt());
    assertEquals(0, levels.get("different_below").asInt());
    assertTrue(report.get("silent").asBoolean());
    assertTrue(report.get("equal").asBoolean());
  }

  @Test
  void thePageHasSomethingInEveryViewWhileItIsLeftOpen() throws Exception {
    int parentPort = FreePort.take();
    int childPort = FreePort.take();
    String[] arguments = {
      "--patients=2", "--parent-port=" + parentPort, "--child-port=" + childPort
    };
    try (JavaProcess demo = JavaProcess.startDistributed("demo-open", Demo.class, arguments)) {
      String page = demo.awaitLine(line -> line.startsWith("Page:")).orElseThrow();
      assertTrue(page.endsWith(childPort + "/openmrs/moduleResources/sync2/index.html"), page);
      demo.awaitLine(line -> line.startsWith("Left for a person")).orElseThrow();

      NodeHttp child = nodeAt(childPort);
      for (String view : List.of("conflicts", "parked", "runs")) {
        assertFalse(child.get("/ws/rest/v1/sync2/" + view).isEmpty(), view);
      }
      assertFalse(child.auditMessages().isEmpty());
      JsonNode site = nodeAt(parentPort).get("/ws/rest/v1/sync2/children").get(0);
      assertEquals("demo child", site.get("name").asText());
      assertEquals("stuck", site.get("need").asText());
    }
  }

  private static NodeHttp nodeAt(int port) {
    URI base = URI.create("http://127.0.0.1:" + port + "/openmrs");
    return new NodeHttp(base, new Account("demo", "demo"));
  }

  /** The JSON object in the last line of the output. */
  private static JsonNode demo(int exitCode, String... options) throws Exception {
    String[] arguments =
        Stream.concat(
                Stream.of(
                    "--once",
                    "--json",
                    "--patients=5",
                    "--parent-port=" + FreePort.take(),
                    "--child-port=" + FreePort.take()),
                Arrays.stream(options))
            .toArray(String[]::new);
    try (JavaProcess demo = JavaProcess.startDistributed("demo", Demo.class, arguments)) {
      String report = demo.awaitLine(line -> line.startsWith("{")).orElseThrow();
      assertEquals(exitCode, demo.awaitExit());
      return NodeHttp.MAPPER.readTree(report);
    }
  }
}
