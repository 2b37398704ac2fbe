package org.openmrs.sync2.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmrs.sync2.SyncDecision;
import org.openmrs.sync2.SyncHost;
import org.openmrs.sync2.SyncRun;
import org.openmrs.sync2.node.Documents.Ref;

/**
 * Two nodes whose storages remove as OpenMRS does. A removal takes only what its author knew, and
 * who decides about it ends with the same on both sides.
 */
class CascadeSyncTest {

  private static final long PATIENCE_SECONDS = 240;

  private static TestNode parent;
  private static TestNode child;

  /** A patient whom both sides know, with a visit, an encounter in it and an observation. */
  private Ref patient;

  private Ref visit;
  private Ref encounter;
  private Ref observation;

  @BeforeAll
  static void start() throws Exception {
    parent = TestNode.start(true);
    child = TestNode.start(true, childOf(parent.server.baseUrl()));
    awaitFirstRuns();
  }

  /** It runs by itself once, at its start; then only when it is told. */
  private static String childOf(String url) throws Exception {
    ObjectNode config = (ObjectNode) TestNode.parse("{}");
    config
        .putObject("parent")
        .put("url", url)
        .put("feed", "sync2")
        .put("username", "admin")
        .put("password", "secret");
    config.putObject("pull").put("intervalSeconds", 86_400);
    config.putObject("push").put("enabled", true).put("intervalSeconds", 86_400);
    config
        .putObject("retry")
        .put("attempts", 1)
        .put("firstDelaySeconds", 0)
        .put("maxDelaySeconds", 0);
    ObjectNode categories = config.putObject("categories");
    List.of("patient", "encounter", "observation").forEach(categories::putObject);
    return config.toString();
  }

  private static void awaitFirstRuns() throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (ended("pull") == 0 || ended("push") == 0) {
      assertTrue(System.nanoTime() < end, "waited in vain for the first runs");
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  private static long ended(String direction) throws Exception {
    JsonNode runs = child.getJson("/ws/rest/v1/sync2/runs");
    return StreamSupport.stream(runs.spliterator(), false)
        .filter(run -> run.get("direction").asText().equals(direction))
        .filter(run -> !run.path("endedAt").isMissingNode() && !run.get("endedAt").isNull())
        .count();
  }

  @AfterAll
  static void stop() throws Exception {
    if (child != null) {
      child.close();
    }
    if (parent != null) {
      parent.close();
    }
  }

  @BeforeEach
  void share() throws Exception {
    patient = put(parent, "Patient", Documents.PATIENT);
    visit = put(parent, "Encounter", Documents.encounter(patient.id(), null, "2026-11-20"));
    encounter =
        put(parent, "Encounter", Documents.encounter(patient.id(), visit.id(), "2026-11-20"));
    observation =
        put(parent, "Observation", Documents.observation(patient.id(), encounter.id(), "5.1"));
    pull();
    assertAlike(true, patient, visit, encounter, observation);
  }

  // What users do, over HTTP.

  private static Ref put(TestNode node, String type, String document) throws Exception {
    Ref ref = new Ref(type, TestNode.newUuid());
    put(node, ref, document);
    return ref;
  }

  private static void put(TestNode node, Ref ref, String document) throws Exception {
    String body = ((ObjectNode) TestNode.parse(document)).put("id", ref.id()).toString();
    assertEquals(2, node.put("/ws/fhir2/R4/" + ref, body).statusCode() / 100);
  }

  private static void remove(TestNode node, Ref ref) throws Exception {
    assertEquals(2, node.delete("/ws/fhir2/R4/" + ref).statusCode() / 100);
  }

  /** A new encounter of the patient with an observation. */
  private List<Ref> added(TestNode node) throws Exception {
    Ref added = put(node, "Encounter", Documents.encounter(patient.id(), null, "2026-11-25"));
    String result = Documents.observation(patient.id(), added.id(), "positive");
    return List.of(added, put(node, "Observation", result));
  }

  private static List<Ref> joined(List<Ref> some, Ref... more) {
    List<Ref> all = new ArrayList<>(some);
    all.addAll(List.of(more));
    return all;
  }

  // What is synchronized.

  private static void pull() {
    assertCompleted(child.server.engine().pull());
  }

  private static void push() {
    assertCompleted(child.server.engine().push());
  }

  private static void assertCompleted(SyncRun run) {
    assertEquals("completed", run.state(), () -> run.error().message());
  }

  private static void synchronize() {
    pull();
    push();
    pull();
  }

  // What is found.

  private static boolean isLive(TestNode node, Ref ref) {
    byte[] read = node.readBytes(ref.category(), ref.id());
    return read != null && read != SyncHost.REMOVED;
  }

  private static void assertLive(boolean live, TestNode node, Ref... refs) {
    for (Ref ref : refs) {
      assertEquals(
          live, isLive(node, ref), ref + " at the " + (node == child ? "child" : "parent"));
    }
  }

  /** Each is on both sides, the same, or removed on both. */
  private static void assertAlike(boolean live, Ref... refs) {
    assertLive(live, parent, refs);
    assertLive(live, child, refs);
    for (Ref ref : live ? refs : new Ref[0]) {
      assertEquals(Documents.content(parent, ref), Documents.content(child, ref), ref::toString);
    }
  }

  private static List<JsonNode> of(TestNode node, String list, Ref ref) throws Exception {
    JsonNode all = node.getJson("/ws/rest/v1/sync2/" + list + "?limit=1000");
    return StreamSupport.stream(all.spliterator(), false)
        .filter(one -> one.at("/object/uuid").asText().equals(ref.id()))
        .toList();
  }

  /** The open conflict about an object names these, and no other. */
  private static JsonNode assertDisputed(Ref ref, List<Ref> named) throws Exception {
    List<JsonNode> found = of(child, "conflicts", ref);
    assertEquals(1, found.size(), ref::toString);
    assertEquals("REMOVAL", found.get(0).get("kind").asText().toUpperCase());
    List<String> takesAlong = new ArrayList<>();
    found.get(0).at("/detail/takesAlong").forEach(one -> takesAlong.add(one.get("uuid").asText()));
    assertEquals(
        named.stream().map(Ref::id).sorted().toList(), takesAlong.stream().sorted().toList());
    return found.get(0);
  }

  private static void decide(JsonNode conflict, String choice) {
    SyncDecision decision = SyncDecision.of(choice, "as the paper file says").by("clerk");
    child.server.engine().resolve(conflict.get("uuid").asText(), decision);
  }

  /** Nothing is open about these on either side, and nothing travels any more. */
  private static void assertSettled(boolean live, Ref... refs) throws Exception {
    synchronize();
    synchronize();
    for (Ref ref : refs) {
      assertEquals(List.of(), of(child, "conflicts", ref), ref::toString);
      assertEquals(List.of(), of(parent, "conflicts", ref), ref::toString);
      assertEquals(List.of(), of(child, "parked", ref), ref::toString);
    }
    assertAlike(live, refs);
    assertEquals(0, child.server.engine().pull().events());
    assertEquals(0, child.server.engine().push().events());
  }

  private Ref[] shared(List<Ref> more) {
    return joined(more, patient, visit, encounter, observation).toArray(Ref[]::new);
  }

  // Row 1 of docs/clinic.md.

  @ParameterizedTest
  @ValueSource(strings = {"keep", "apply"})
  void encounterEnteredHereOpposesTheRemovalOfItsPatientThere(String choice) throws Exception {
    remove(parent, patient);
    assertLive(false, parent, visit, encounter, observation);
    List<Ref> added = added(child);
    synchronize();

    assertLive(true, child, shared(added));
    assertLive(false, parent, shared(added));
    decide(assertDisputed(patient, added), choice);
    assertSettled(choice.equals("keep"), shared(added));
  }

  // Row 3.

  @ParameterizedTest
  @ValueSource(strings = {"keep", "apply"})
  void resultAddedHereOpposesTheRemovalOfItsEncounterThere(String choice) throws Exception {
    remove(parent, encounter);
    String result = Documents.observation(patient.id(), encounter.id(), "positive");
    Ref added = put(child, "Observation", result);
    synchronize();

    assertLive(true, child, encounter, observation, added);
    decide(assertDisputed(encounter, List.of(added)), choice);
    assertSettled(choice.equals("keep"), encounter, observation, added);
    assertAlike(true, patient, visit);
  }

  /** The same of a visit. */
  @ParameterizedTest
  @ValueSource(strings = {"keep", "apply"})
  void encounterEnteredHereOpposesTheRemovalOfItsVisitThere(String choice) throws Exception {
    remove(parent, visit);
    assertLive(false, parent, encounter, observation);
    Ref added =
        put(child, "Encounter", Documents.encounter(patient.id(), visit.id(), "2026-11-20"));
    synchronize();

    assertLive(true, child, visit, encounter, observation, added);
    decide(assertDisputed(visit, List.of(added)), choice);
    assertSettled(choice.equals("keep"), visit, encounter, observation, added);
    assertAlike(true, patient);
  }

  // Row 4.

  @ParameterizedTest
  @ValueSource(strings = {"keep", "apply"})
  void aRemovalHereTouchesNoneOfTwelveEncountersOfAnotherClinic(String choice) throws Exception {
    List<Ref> twelve = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      twelve.add(
          put(parent, "Encounter", Documents.encounter(patient.id(), null, "2026-11-" + (10 + i))));
    }
    List<JsonNode> before = twelve.stream().map(CascadeSyncTest::atParent).toList();
    remove(child, patient);
    push();

    assertEquals(before, twelve.stream().map(CascadeSyncTest::atParent).toList());
    assertLive(true, parent, shared(List.of()));
    assertLive(false, child, shared(List.of()));
    decide(assertDisputed(patient, twelve), choice);
    assertSettled(choice.equals("keep"), shared(twelve));
  }

  private static JsonNode atParent(Ref ref) {
    return Documents.content(parent, ref);
  }

  /** Nothing stands against it, on whichever side it was done; restored there, all comes back. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void encounterKnownToBothGoesAndComesBackWithItsPatient(boolean atTheParent) throws Exception {
    TestNode author = atTheParent ? parent : child;
    Ref byItself = put(author, "Encounter", Documents.encounter(patient.id(), null, "2026-11-22"));
    synchronize();
    remove(author, byItself);
    remove(author, patient);
    assertSettled(false, shared(List.of(byItself)));

    put(author, patient, Documents.PATIENT);
    assertLive(true, author, shared(List.of()));
    assertSettled(true, shared(List.of()));
    assertAlike(false, byItself);
  }

  // Row 14.

  @Test
  void encounterWhoseVisitWasVoidedBySqlComesWithoutIt() throws Exception {
    Ref lost = put(parent, "Encounter", Documents.encounter(patient.id(), null, "2026-11-23"));
    Ref left = put(parent, "Encounter", Documents.encounter(patient.id(), lost.id(), "2026-11-23"));
    voidInTheDatabase(parent, lost);
    synchronize();

    assertEquals(List.of(), of(child, "parked", left));
    assertTrue(child.read("encounter", left.id()).path("partOf").isMissingNode());
    assertEquals("PARTIAL", lastMessage(left).get("status").asText());
    // Nor is it sent back as an edit.
    assertEquals(
        "Encounter/" + lost.id(),
        parent.read("encounter", left.id()).at("/partOf/reference").asText());
  }

  @Test
  void encounterWhosePatientWasVoidedBySqlIsListedUntilRepair() throws Exception {
    Ref lost = put(parent, "Patient", Documents.PATIENT);
    Ref left = put(parent, "Encounter", Documents.encounter(lost.id(), null, "2026-11-23"));
    voidInTheDatabase(parent, lost);
    synchronize();

    String words = parkedWords(left);
    assertTrue(words.contains("encounter of 2026-11-23"), words);
    assertTrue(words.contains("restore that patient there"), words);
    put(parent, lost, Documents.PATIENT);
    assertSettled(true, lost, left);
  }

  /** No event tells of it, and nothing goes along. */
  private static void voidInTheDatabase(TestNode node, Ref ref) throws Exception {
    node.host.begin();
    long voided =
        node.host.update(
            "UPDATE HFJ_RESOURCE SET RES_DELETED_AT = CURRENT_TIMESTAMP WHERE FHIR_ID = ?",
            new Object[] {ref.id()});
    node.host.commit();
    assertEquals(1, voided);
  }

  private static JsonNode lastMessage(Ref ref) throws Exception {
    return child
        .getJson("/ws/rest/v1/sync2/audit?direction=pull&objectUuid=" + ref.id())
        .at("/messages/0");
  }

  private static String parkedWords(Ref ref) throws Exception {
    List<JsonNode> parked = of(child, "parked", ref);
    assertEquals(1, parked.size(), ref::toString);
    return parked.get(0).at("/error/message").asText();
  }

  // Row 19.

  @Test
  void encounterSentForAPatientVoidedAtTheParentStaysWithReason() throws Exception {
    parent.host.begin();
    parent.host.remove("fhir", "patient", patient.id(), "VOIDED", "registered twice (amina)");
    parent.host.commit();
    List<Ref> added = added(child);
    push();

    assertLive(false, parent, added.toArray(Ref[]::new));
    String words = parkedWords(added.get(0));
    assertTrue(words.contains("registered twice (amina)"), words);
    assertTrue(words.contains(patient.id()), words);
    pull();
    JsonNode conflict = assertDisputed(patient, added);
    // Moved to the right patient, it goes, and nothing stands against the removal any more.
    Ref right = put(child, "Patient", Documents.PATIENT);
    put(child, added.get(0), Documents.encounter(right.id(), null, "2026-11-25"));
    put(child, added.get(1), Documents.observation(right.id(), added.get(0).id(), "positive"));
    synchronize();
    decide(conflict, "apply");
    assertSettled(true, right, added.get(0));
    assertSettled(false, shared(List.of()));
  }
}
