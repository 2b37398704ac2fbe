package org.openmrs.sync2.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openmrs.sync2.node.demo.DemoParts;
import org.openmrs.sync2.node.demo.DemoParts.GeneratedData;

/** Two standalone nodes, each a process of its own. The child pulls each second. */
class PullNodesTest {

  private static final int KILLS = 3;
  private static final int EDITED_PATIENTS = 100;

  /** The most events of a run that are waited for before it is killed. */
  private static final int MOST_EVENTS = 150;

  @TempDir static Path directory;

  private static NodeProcess parent;
  private static NodeProcess child;

  @BeforeAll
  static void start() throws Exception {
    parent = NodeProcess.root("nodes-parent", directory);
    child = NodeProcess.child("nodes-child", directory, parent.url());
  }

  @AfterAll
  static void stop() {
    if (child != null) {
      child.close();
    }
    if (parent != null) {
      parent.close();
    }
  }

  @Test
  void aChildThatIsKilledThreeTimesEndsUpEqual() throws Exception {
    child.kill();
    parent.load(new GeneratedData(2, 30));
    child.start();
    Random random = Seed.random("node child");
    for (int kill = 0; kill < KILLS; kill++) {
      child.killWithinRun(random.nextInt(MOST_EVENTS));
    }
    awaitEverythingPulled(child);

    assertEquals(KILLS, child.http().interruptedRunsWithEvents(), "kills in the middle of a run");
    assertEquals(List.of(), DemoParts.unequal(parent.url(), child.url(), NodeProcess.ACCOUNT));
    assertAuditsEachEventOnce();
    assertTrue(child.http().get("/ws/rest/v1/sync2/parked").isEmpty());
  }

  private static long awaitMoreEventsThan(long passed) throws Exception {
    NodeHttp http = child.http();
    return Await.until("another batch", http::passedEvents, events -> events > passed);
  }

  private static void assertAuditsEachEventOnce() throws Exception {
    Map<String, List<String>> audited = new HashMap<>();
    for (JsonNode message : child.http().auditMessages()) {
      // An object that was fetched for a reference has a message of the run's, not of a feed's.
      if (!message.get("epoch").equals(message.get("runId"))) {
        audited
            .computeIfAbsent(message.get("category").asText(), category -> new ArrayList<>())
            .add(message.get("eventId").asText());
      }
    }
    for (String category : NodeHttp.LISTS.keySet()) {
      List<String> published = parent.http().eventIds(category).stream().sorted().toList();
      assertEquals(published, audited.get(category).stream().sorted().toList(), category);
    }
  }

  /** Waits until the parent has published all that was written, and a child has passed it. */
  private static void awaitEverythingPulled(NodeProcess node) throws Exception {
    ObjectNode last = newPatient();
    parent.http().put(last);
    awaitObject(node, id(last));
    NodeHttp theirs = parent.http();
    long published = 0;
    for (String category : NodeHttp.LISTS.keySet()) {
      published += theirs.eventIds(category).size();
    }
    long all = published;
    Await.until("all " + all + " events", node.http()::passedEvents, events -> events == all);
  }

  private static void awaitObject(NodeProcess node, String patient) throws Exception {
    NodeHttp http = node.http();
    Await.until("Patient/" + patient, () -> http.has("patient", patient), found -> found);
  }

  private static ObjectNode newPatient() {
    return NodeHttp.MAPPER
        .createObjectNode()
        .put("resourceType", "Patient")
        .put("id", UUID.randomUUID().toString())
        .put("gender", "female");
  }

  /** The parent has no versions of OpenMRS to tell, and that is no failure. */
  @Test
  void theConnectionTestOfAChildPasses() throws Exception {
    JsonNode test = child.http().command("connection-test");
    assertTrue(test.get("ok").asBoolean(), test::toPrettyString);
    assertTrue(test.get("versions").has("hapi"), test::toPrettyString);
  }

  @Test
  void aLocalEditStaysAsAConflict() throws Exception {
    ObjectNode patient = newPatient();
    String uuid = id(patient);
    parent.http().put(patient);
    awaitObject(child, uuid);

    ObjectNode edited = patient.deepCopy().put("gender", "male");
    child.http().put(edited);
    parent.http().put(patient.deepCopy().put("gender", "other"));
    awaitConflict(uuid);

    JsonNode here = child.http().get(NodeHttp.fhirPath(patient));
    assertEquals(List.of(), DemoParts.differences(edited, (ObjectNode) here));
  }

  private static void awaitConflict(String uuid) throws Exception {
    Await.until(
        "the conflict of Patient/" + uuid,
        PullNodesTest::conflicts,
        conflicts -> conflicts.contains(uuid));
  }

  /** As text, in which the uuid of an object is found when it is in conflict. */
  private static String conflicts() throws Exception {
    return child.http().get("/ws/rest/v1/sync2/conflicts?limit=1000").toString();
  }

  private static String id(ObjectNode resource) {
    return resource.get("id").asText();
  }

  /**
   * The same field of patients is changed at the parent once, from the first to the last, and
   * meanwhile at the child from the last to the first, again and again: some edits come before the
   * child decides, some after it has saved, some in between. Whatever the order, the last edit
   * stands.
   */
  @Test
  void noEditIsLostWhileItsObjectIsPulled() throws Exception {
    List<ObjectNode> patients = new ArrayList<>();
    for (int i = 0; i < EDITED_PATIENTS; i++) {
      patients.add(newPatient());
      parent.http().put(patients.get(i));
    }
    awaitEverythingPulled(child);
    long before = child.http().passedEvents();

    CompletableFuture<Void> changes = CompletableFuture.runAsync(() -> changeAtParent(patients));
    awaitMoreEventsThan(before);
    List<ObjectNode> edits = editUntilPassed(patients, before + EDITED_PATIENTS);
    changes.join();
    awaitEverythingPulled(child);

    for (ObjectNode edit : edits) {
      JsonNode here = child.http().get(NodeHttp.fhirPath(edit));
      assertEquals(List.of(), DemoParts.differences(edit, (ObjectNode) here));
    }
    String conflicts = conflicts();
    long early = edits.stream().filter(edit -> conflicts.contains(id(edit))).count();
    System.out.println("edits: " + early + " of " + edits.size() + " came before the decision");
  }

  private static void changeAtParent(List<ObjectNode> patients) {
    try {
      NodeHttp http = parent.http();
      for (ObjectNode patient : patients) {
        http.put(patient.deepCopy().put("birthDate", "1899"));
      }
    } catch (Exception e) {
      throw new CompletionException(e);
    }
  }

  /** Returns the last edit of each patient, when the child has passed so many events. */
  private static List<ObjectNode> editUntilPassed(List<ObjectNode> patients, long events)
      throws Exception {
    NodeHttp http = child.http();
    List<ObjectNode> edits = patients.stream().map(ObjectNode::deepCopy).toList();
    int round = 0;
    do {
      for (int i = edits.size() - 1; i >= 0; i--) {
        http.put(edits.get(i).put("birthDate", String.valueOf(1900 + round % 100)));
      }
      round++;
    } while (http.passedEvents() < events);
    return edits;
  }

  @Test
  void aParentThatIsAwayConsumesNothing() throws Exception {
    awaitEverythingPulled(child);
    NodeHttp http = child.http();
    JsonNode markers = http.get("/ws/rest/v1/sync2/marker");
    parent.kill();
    try {
      Await.until(
          "a run that says Unreachable",
          () -> http.get("/ws/rest/v1/sync2/runs?limit=1").get(0),
          run -> run.at("/error/kind").asText().equals("Unreachable"));
      assertEquals(markers, http.get("/ws/rest/v1/sync2/marker"));
      assertTrue(http.get("/ws/rest/v1/sync2/parked").isEmpty());
    } finally {
      parent.start();
    }
    awaitEverythingPulled(child);
  }

  @Test
  void fieldLostByAStorageIsReportedWithItsPath() throws Exception {
    parent.load(new GeneratedData(3, 4));
    try (NodeProcess lossy = NodeProcess.lossyChild("nodes-lossy", directory, parent.url())) {
      awaitEverythingPulled(lossy);
      assertFalse(new LossReport(parent.http(), lossy.http()).counts().containsKey("PARTIAL"));

      changeWhatOpenMrsCannotChange();
      awaitEverythingPulled(lossy);
      LossReport report = new LossReport(parent.http(), lossy.http());
      report.assertHonest();
      System.out.println("lossy child: " + report.counts());
      assertTrue(report.counts().containsKey("PARTIAL"));
    }
  }

  private static void changeWhatOpenMrsCannotChange() throws Exception {
    NodeHttp http = parent.http();
    for (ObjectNode patient : http.objects("patient").values()) {
      if (patient.has("identifier")) {
        ((ObjectNode) patient.at("/identifier/0")).put("value", "changed");
        ((ObjectNode) patient.at("/name/0")).put("family", "Changed");
        ((ObjectNode) patient.at("/address/0")).put("city", "Changed");
        http.put(patient);
      }
    }
    for (ObjectNode condition : http.objects("condition").values()) {
      http.put(condition.put("recordedDate", "2026-11-23T10:00:00Z"));
    }
    ObjectNode observation = http.objects("observation").values().iterator().next();
    http.put(observation.put("effectiveDateTime", "2026-11-23T10:00:00Z"));
  }
}
