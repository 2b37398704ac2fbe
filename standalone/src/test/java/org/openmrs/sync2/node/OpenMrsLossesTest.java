package org.openmrs.sync2.node;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.openmrs.sync2.SyncHost;

/** Each thing that OpenMRS's FHIR module loses is lost by a lossy node too. */
class OpenMrsLossesTest {

  private static TestNode node;

  @BeforeAll
  static void start() throws Exception {
    node = TestNode.start(true);
  }

  @AfterAll
  static void stop() throws Exception {
    node.close();
  }

  private static String savedPatient(String content) {
    String uuid = TestNode.newUuid();
    node.save("patient", uuid, patient(content));
    return uuid;
  }

  private static String patient(String content) {
    return "{\"resourceType\":\"Patient\"" + (content.isEmpty() ? "" : "," + content) + "}";
  }

  private static String savedObservation(String patient) {
    String uuid = TestNode.newUuid();
    node.save("observation", uuid, observation(patient, 61));
    return uuid;
  }

  private static String observation(String patient, int weight) {
    return "{\"resourceType\":\"Observation\",\"status\":\"final\",\"code\":{\"text\":\"Weight\"},"
        + "\"valueInteger\":"
        + weight
        + ",\"effectiveDateTime\":\"2026-11-20T09:30:00Z\",\"subject\":{\"reference\":\"Patient/"
        + patient
        + "\"}}";
  }

  @Test
  void anEditedIdentifierStandsBesideTheOldOne() {
    String uuid = savedPatient("\"identifier\":[{\"id\":\"a\",\"value\":\"1\"}]");

    node.save("patient", uuid, patient("\"identifier\":[{\"id\":\"a\",\"value\":\"2\"}]"));

    JsonNode identifiers = node.read("patient", uuid).get("identifier");
    assertEquals(
        "1 2", identifiers.at("/0/value").asText() + " " + identifiers.at("/1/value").asText());
  }

  @Test
  void aNameThatWasTakenAwayStays() {
    String uuid = savedPatient("\"name\":[{\"family\":\"Okello\"},{\"family\":\"Old\"}]");

    node.save("patient", uuid, patient("\"name\":[{\"family\":\"Okello\"}]"));

    assertEquals(2, node.read("patient", uuid).get("name").size());
  }

  @Test
  void anEditedAddressIsIgnoredAndANewOneIsAdded() {
    String uuid = savedPatient("\"address\":[{\"id\":\"a\",\"city\":\"Gulu\"}]");

    node.save(
        "patient",
        uuid,
        patient(
            "\"address\":[{\"id\":\"a\",\"city\":\"Lira\"},{\"id\":\"b\",\"city\":\"Kampala\"}]"));

    JsonNode addresses = node.read("patient", uuid).get("address");
    assertEquals(
        "Gulu Kampala", addresses.at("/0/city").asText() + " " + addresses.at("/1/city").asText());
  }

  @Test
  void anUnknownReferenceIsDropped() {
    String observation = savedObservation(TestNode.newUuid());

    assertFalse(node.read("observation", observation).has("subject"));
  }

  @Test
  void anUpdatedObservationIsVoidedAndComesBackUnderANewUuid() throws Exception {
    String patient = savedPatient("");
    String observation = savedObservation(patient);

    ObjectNode changed = (ObjectNode) new ObjectMapper().readTree(observation(patient, 62));
    node.put("/ws/fhir2/R4/Observation/" + observation, changed.put("id", observation).toString());

    assertArrayEquals(SyncHost.REMOVED, node.readBytes("observation", observation));
    JsonNode found = node.getJson("/ws/fhir2/R4/Observation?subject=Patient/" + patient);
    assertEquals(1, found.get("entry").size());
    assertEquals(62, found.at("/entry/0/resource/valueInteger").asInt());
    assertNotEquals(observation, found.at("/entry/0/resource/id").asText());
  }

  @Test
  void anObservationThatTheHostVoidsAndSavesAnewKeepsItsUuid() throws Exception {
    String patient = savedPatient("");
    String observation = savedObservation(patient);

    node.save("observation", observation, observation(patient, 62));

    assertEquals(62, node.read("observation", observation).get("valueInteger").asInt());
    JsonNode found = node.getJson("/ws/fhir2/R4/Observation?subject=Patient/" + patient);
    assertEquals(1, found.get("entry").size());
  }

  @Test
  void instantsAndReferencesComeBackInOtherBytes() {
    String patient = savedPatient("");

    JsonNode read = node.read("observation", savedObservation(patient));

    assertEquals("2026-11-20T12:30:00+03:00", read.get("effectiveDateTime").asText());
    assertEquals("Patient/" + patient, read.at("/subject/display").asText());
  }

  @Test
  void eventsThatAChangeBringsAreTold() {
    String patient = savedPatient("");
    String observation = savedObservation(patient);
    assertEquals(List.of("CREATED"), told(observation));

    node.save("observation", observation, observation(patient, 62));
    node.remove("observation", observation);

    assertEquals(List.of("CREATED", "VOIDED", "UNVOIDED", "VOIDED"), told(observation));
  }

  private static List<String> told(String uuid) {
    node.host.begin();
    try {
      String statement =
          "SELECT event_action FROM sync2_outbox WHERE object_uuid = ? ORDER BY captured_at,"
              + " transaction_uuid, uuid";
      Object[][] rows = node.host.query(statement, new Object[] {uuid});
      return Arrays.stream(rows).map(row -> (String) row[0]).toList();
    } finally {
      node.host.rollback();
    }
  }
}
