package org.openmrs.sync2.node;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openmrs.sync2.SyncHost;
import org.openmrs.sync2.node.Documents.Ref;

/** A lossy node removes and restores with an object what OpenMRS does, and tells so. */
class OpenMrsCascadeTest {

  private static TestNode node;

  /** A patient with a visit, an encounter in it and one without; observations in the first. */
  private String patient;

  private String visit;
  private String encounter;
  private String outside;
  private String group;
  private String member;

  /** Of the patient, in no encounter. */
  private String alone;

  @BeforeAll
  static void start() throws Exception {
    node = TestNode.start(true);
  }

  @AfterAll
  static void stop() throws Exception {
    node.close();
  }

  @BeforeEach
  void save() {
    patient = saved("patient", Documents.PATIENT);
    visit = saved("encounter", Documents.encounter(patient, null, "2026-11-20"));
    encounter = saved("encounter", Documents.encounter(patient, visit, "2026-11-20"));
    outside = saved("encounter", Documents.encounter(patient, null, "2026-11-21"));
    member = saved("observation", Documents.observation(patient, encounter, "5.1"));
    group = saved("observation", Documents.group(patient, encounter, member));
    alone = saved("observation", Documents.observation(patient, null, "61"));
  }

  private static String saved(String category, String document) {
    String uuid = TestNode.newUuid();
    node.save(category, uuid, document);
    return uuid;
  }

  /** As a user does, over HTTP. */
  private static void putAgain(String type, String uuid, String document) throws Exception {
    String body = document.replaceFirst("\\{", "{\"id\":\"" + uuid + "\",");
    assertEquals(2, node.put("/ws/fhir2/R4/" + type + "/" + uuid, body).statusCode() / 100);
  }

  private static void delete(String type, String uuid) throws Exception {
    assertEquals(2, node.delete("/ws/fhir2/R4/" + type + "/" + uuid).statusCode() / 100);
  }

  private static void assertRemoved(boolean removed, String category, String... uuids) {
    for (String uuid : uuids) {
      byte[] read = node.readBytes(category, uuid);
      assertEquals(removed, read == SyncHost.REMOVED, category + "/" + uuid);
    }
  }

  @Test
  void withAPatientGoTheEncountersWithTheirObservationsAndNoOther() throws Exception {
    delete("Patient", patient);

    assertRemoved(true, "encounter", visit, encounter, outside);
    assertRemoved(true, "observation", group, member);
    assertRemoved(false, "observation", alone);
  }

  @Test
  void withAVisitGoItsEncountersAndNoOther() throws Exception {
    delete("Encounter", visit);

    assertRemoved(true, "encounter", visit, encounter);
    assertRemoved(true, "observation", group, member);
    assertRemoved(false, "encounter", outside);
  }

  @Test
  void withAGroupGoItsMembers() throws Exception {
    delete("Observation", group);

    assertRemoved(true, "observation", group, member);
    assertRemoved(false, "encounter", encounter);
  }

  @Test
  void removalByAHostTakesTheSameAlong() {
    node.remove("encounter", encounter);

    assertRemoved(true, "observation", group, member);
    assertRemoved(false, "encounter", visit, outside);
  }

  @Test
  void resourceComesBackOnlyIfItWentAlong() throws Exception {
    JsonNode before = Documents.content(node, new Ref("Observation", member));
    delete("Encounter", outside);
    delete("Patient", patient);

    putAgain("Patient", patient, Documents.PATIENT);

    assertRemoved(false, "patient", patient);
    assertRemoved(false, "encounter", visit, encounter);
    assertRemoved(false, "observation", group);
    assertEquals(before, Documents.content(node, new Ref("Observation", member)));
    assertRemoved(true, "encounter", outside);
  }

  @Test
  void resourceThatCameBackGoesAlongAgain() throws Exception {
    delete("Encounter", encounter);
    putAgain("Encounter", encounter, Documents.encounter(patient, visit, "2026-11-20"));

    delete("Encounter", visit);

    assertRemoved(true, "observation", group, member);
  }

  /** As the module saves what the other side sends: the rest has events of its own. */
  @Test
  void ofWhatAHostRestoresOnlyAnEncounterBringsItsObservations() {
    node.remove("patient", patient);

    node.save("patient", patient, Documents.PATIENT);
    assertRemoved(true, "encounter", visit, encounter);

    node.save("encounter", visit, Documents.encounter(patient, null, "2026-11-20"));
    assertRemoved(true, "encounter", encounter);

    node.save("encounter", encounter, Documents.encounter(patient, visit, "2026-11-20"));
    assertRemoved(false, "observation", group, member);
  }

  @Test
  void resourceMovedOffDoesNotGoAlong() throws Exception {
    String other = saved("patient", Documents.PATIENT);
    putAgain("Encounter", outside, Documents.encounter(other, null, "2026-11-21"));

    delete("Patient", patient);

    assertRemoved(false, "encounter", outside);
  }

  @Test
  void aGroupThatIsSavedAnewKeepsItsMembers() {
    node.save("observation", group, Documents.group(patient, encounter, member));

    assertRemoved(false, "observation", group, member);
    assertEquals(1, hanging("observation", group).size());
  }

  @Test
  void hangingResourcesAreNamedBeforeAndAfterARemoval() throws Exception {
    List<String> onVisit =
        List.of(
            "encounter of 2026-11-20 (Vitals) false",
            "observation of 2026-11-20 false",
            "observation of 2026-11-20 false");
    assertEquals(onVisit, hanging("encounter", visit));
    assertEquals(5, hanging("patient", patient).size());
    assertEquals(List.of(), hanging("location", visit));

    delete("Encounter", visit);

    assertEquals(
        onVisit.stream().map(one -> one.replace("false", "true")).toList(),
        hanging("encounter", visit));
  }

  /** What the host says that hangs on an object, and whether it is removed. */
  private static List<String> hanging(String category, String uuid) {
    node.host.begin();
    try {
      List<String> told = new ArrayList<>();
      for (JsonNode one : TestNode.parse(new String(node.host.dependents(category, uuid)))) {
        told.add(one.get("label").asText() + " " + one.get("removed").asBoolean());
      }
      return told.stream().sorted().toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    } finally {
      node.host.rollback();
    }
  }

  @Test
  void resourceThatGoesAlongIsToldWithItsOwner() throws Exception {
    delete("Patient", patient);

    assertEquals(List.of(patient), toldOwners(visit));
    assertEquals(List.of(patient, visit), toldOwners(encounter));
    assertEquals(List.of(encounter, group), toldOwners(member));
  }

  private static List<String> toldOwners(String uuid) {
    node.host.begin();
    try {
      Object[][] rows =
          node.host.query(
              "SELECT hangs_on FROM sync2_outbox WHERE object_uuid = ? AND event_action = 'VOIDED'",
              new Object[] {uuid});
      assertEquals(1, rows.length);
      return Stream.of(((String) rows[0][0]).split("[^0-9a-f-]+")).toList();
    } finally {
      node.host.rollback();
    }
  }

  @Test
  void theReasonIsKeptWhileItIsRemoved() throws Exception {
    node.host.begin();
    node.host.remove("fhir", "patient", patient, "VOIDED", "a duplicate (clerk, 2026-11-30)");
    node.host.commit();
    String reason = "a duplicate (clerk, 2026-11-30)";
    assertArrayEquals(
        new String[] {reason, reason, null, null},
        why(
            new String[] {"patient", "encounter", "observation", "visit"},
            new String[] {patient, encounter, alone, visit}));

    node.save("patient", patient, Documents.PATIENT);

    assertNull(why(new String[] {"patient"}, new String[] {patient})[0]);
  }

  private static String[] why(String[] categories, String[] uuids) {
    node.host.begin();
    try {
      return node.host.whyRemoved(categories, uuids);
    } finally {
      node.host.rollback();
    }
  }
}
