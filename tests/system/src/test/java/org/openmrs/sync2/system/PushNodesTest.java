package org.openmrs.sync2.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openmrs.sync2.node.demo.DemoParts;
import org.openmrs.sync2.node.demo.DemoParts.GeneratedData;

/** Two standalone nodes, each a process of its own. The child pushes each second, and only that. */
class PushNodesTest {

  private static final int KILLS = 3;

  /** The most events of a run that are waited for before it is killed. */
  private static final int MOST_EVENTS = 40;

  @TempDir static Path directory;

  private static NodeProcess parent;

  @BeforeAll
  static void start() throws Exception {
    parent = NodeProcess.root("push-parent", directory);
  }

  @AfterAll
  static void stop() {
    if (parent != null) {
      parent.close();
    }
  }

  @Test
  void aChildThatIsKilledThreeTimesHasPushedEverythingOnce() throws Exception {
    try (NodeProcess child = NodeProcess.onlyPushingChild("push-child", directory, parent.url())) {
      parent.kill();
      child.load(new GeneratedData(5, 40));
      parent.start();
      Random random = Seed.random("pushing node");
      for (int kill = 0; kill < KILLS; kill++) {
        child.killWithinRun(random.nextInt(MOST_EVENTS));
      }
      awaitEverythingPushed(child);

      assertEquals(KILLS, child.http().interruptedRunsWithEvents(), "kills in the middle of a run");
      assertEquals(List.of(), DemoParts.unequal(child.url(), parent.url(), NodeProcess.ACCOUNT));
      assertAuditsEachEventOnce(child);
      assertTrue(child.http().get("/ws/rest/v1/sync2/parked").isEmpty());
      assertTrue(child.http().get("/ws/rest/v1/sync2/conflicts").isEmpty());
      assertSavedOnce();
      assertPullsNothing(child);
    }
  }

  private static void awaitEverythingPushed(NodeProcess child) throws Exception {
    long all = child.http().ownEventIds().size();
    NodeHttp http = child.http();
    Await.until("all " + all + " events", () -> pushedEvents(http), events -> events == all);
  }

  /** Each event that was passed has its message. */
  private static long pushedEvents(NodeHttp http) throws Exception {
    return http.auditMessages().size();
  }

  private static void assertAuditsEachEventOnce(NodeProcess child) throws Exception {
    List<String> audited =
        child.http().auditMessages().stream()
            .map(message -> message.get("eventId").asText())
            .toList();
    assertEquals(
        child.http().ownEventIds().stream().sorted().toList(), audited.stream().sorted().toList());
  }

  /**
   * Nothing changes twice at the parent what is sent to it once: versions, and events of its own.
   */
  private static void assertSavedOnce() throws Exception {
    NodeHttp theirs = parent.http();
    for (String category : List.of("patient", "encounter", "observation", "condition")) {
      for (ObjectNode resource : theirs.objects(category).values()) {
        assertEquals("1", resource.at("/meta/versionId").asText(), NodeHttp.fhirPath(resource));
      }
    }
  }

  /** What is new at the parent stays there: this child does not pull. */
  private static void assertPullsNothing(NodeProcess child) throws Exception {
    ObjectNode theirs = newPatient();
    parent.http().put(theirs);
    ObjectNode ours = newPatient();
    child.http().put(ours);
    String uuid = ours.get("id").asText();
    Await.until("Patient/" + uuid, () -> parent.http().has("patient", uuid), found -> found);
    assertFalse(child.http().has("patient", theirs.get("id").asText()));
    for (JsonNode run : child.http().get("/ws/rest/v1/sync2/runs?limit=1000")) {
      assertEquals("push", run.get("direction").asText());
    }
  }

  private static ObjectNode newPatient() {
    return NodeHttp.MAPPER
        .createObjectNode()
        .put("resourceType", "Patient")
        .put("id", UUID.randomUUID().toString())
        .put("gender", "female");
  }
}
