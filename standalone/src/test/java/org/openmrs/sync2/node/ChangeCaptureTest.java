package org.openmrs.sync2.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What changes on a node, and nothing else, is in the outbox of the same transaction. */
class ChangeCaptureTest {

  private static final String FHIR = "/ws/fhir2/R4/";

  private static TestNode node;

  @BeforeAll
  static void start() throws Exception {
    node = TestNode.start(false);
  }

  @AfterAll
  static void stop() throws Exception {
    node.close();
  }

  private static String patient(String content) {
    return "{\"resourceType\":\"Patient\"" + (content.isEmpty() ? "" : "," + content) + "}";
  }

  private static String location(String name) {
    return "{\"resourceType\":\"Location\",\"name\":\"" + name + "\"}";
  }

  private static String encounter(String patient, String location) {
    return "{\"resourceType\":\"Encounter\",\"status\":\"finished\",\"class\":{\"code\":\"AMB\"},"
        + "\"subject\":{\"reference\":\"Patient/"
        + patient
        + "\"},\"location\":[{\"location\":{\"reference\":\"Location/"
        + location
        + "\"}}]}";
  }

  private static String withId(String uuid, String resource) {
    return resource.replaceFirst("\\{", "{\"id\":\"" + uuid + "\",");
  }

  /** A location that has been told of already. */
  private static String savedLocation() {
    String uuid = TestNode.newUuid();
    node.save("location", uuid, location("Ward"));
    return uuid;
  }

  /** What was told of these objects, as {@code category action patient location}, in order. */
  private static List<String> told(String... uuids) {
    return rows(
        "category, event_action, patient_uuid, location_uuid",
        uuids,
        row ->
            Arrays.stream(row)
                .map(value -> value == null ? "-" : value.toString())
                .collect(Collectors.joining(" ")));
  }

  private static int transactions(String... uuids) {
    return new TreeSet<>(rows("transaction_uuid", uuids, row -> (String) row[0])).size();
  }

  private static List<String> rows(
      String columns, String[] uuids, Function<Object[], String> shown) {
    node.host.begin();
    try {
      String places = String.join(", ", Collections.nCopies(uuids.length, "?"));
      Object[][] rows =
          node.host.query(
              "SELECT "
                  + columns
                  + " FROM sync2_outbox WHERE object_uuid IN ("
                  + places
                  + ") ORDER BY captured_at, transaction_uuid, uuid",
              uuids);
      return Arrays.stream(rows).map(shown).toList();
    } finally {
      node.host.rollback();
    }
  }

  @Test
  void aTransactionBundleTellsOfEachOfItsObjectsOnceAndTogether() throws Exception {
    String patient = TestNode.newUuid();
    String encounter = TestNode.newUuid();
    String location = savedLocation();
    String bundle =
        "{\"resourceType\":\"Bundle\",\"type\":\"transaction\",\"entry\":["
            + entry("Patient/" + patient, withId(patient, patient("\"gender\":\"female\"")))
            + ","
            + entry("Encounter/" + encounter, withId(encounter, encounter(patient, location)))
            + "]}";

    HttpResponse<String> answer = postFhir("/ws/fhir2/R4", bundle);

    assertEquals(200, answer.statusCode(), answer.body());
    assertEquals(
        new TreeSet<>(
            List.of(
                "patient CREATED " + patient + " -",
                "encounter CREATED " + patient + " " + location)),
        new TreeSet<>(told(patient, encounter)));
    assertEquals(2, told(patient, encounter).size());
    assertEquals(1, transactions(patient, encounter));
  }

  private static String entry(String url, String resource) {
    return "{\"resource\":"
        + resource
        + ",\"request\":{\"method\":\"PUT\",\"url\":\""
        + url
        + "\"}}";
  }

  private static HttpResponse<String> postFhir(String path, String document) throws Exception {
    return node.send(
        node.request(path)
            .header("Content-Type", "application/fhir+json")
            .POST(BodyPublishers.ofString(document))
            .build());
  }

  @Test
  void everyChangeOfAResourceIsToldAsWhatItIs() throws Exception {
    String uuid = TestNode.newUuid();
    String path = FHIR + "Location/" + uuid;

    node.put(path, withId(uuid, location("Ward")));
    node.put(path, withId(uuid, location("Theatre")));
    node.delete(path);
    node.put(path, withId(uuid, location("Theatre")));

    assertEquals(
        List.of(
            "location CREATED - " + uuid,
            "location UPDATED - " + uuid,
            "location VOIDED - " + uuid,
            "location UNVOIDED - " + uuid),
        told(uuid));
  }

  @Test
  void everyChangeOfMetadataIsToldAsWhatItIs() throws Exception {
    String uuid = TestNode.newUuid();
    String path = "/ws/rest/v1/encountertype";

    node.post(path, "{\"uuid\":\"" + uuid + "\",\"name\":\"Consultation\"}");
    node.post(path + "/" + uuid, "{\"description\":\"changed\"}");
    node.delete(path + "/" + uuid);
    node.post(path + "/" + uuid, "{\"retired\":false}");
    node.delete(path + "/" + uuid + "?purge=true");

    assertEquals(
        List.of(
            "encounter_type CREATED - -",
            "encounter_type UPDATED - -",
            "encounter_type RETIRED - -",
            "encounter_type UNRETIRED - -",
            "encounter_type DELETED - -"),
        told(uuid));
  }

  @Test
  void aPatientIsWhereItsPreferredIdentifierWasGiven() {
    String uuid = TestNode.newUuid();
    String first = savedLocation();
    String preferred = savedLocation();

    node.save(
        "patient",
        uuid,
        patient(
            "\"identifier\":["
                + identifier("usual", first)
                + ","
                + identifier("official", preferred)
                + "]"));

    assertEquals(List.of("patient CREATED " + uuid + " " + preferred), told(uuid));
  }

  private static String identifier(String use, String location) {
    return "{\"use\":\""
        + use
        + "\",\"value\":\"1\",\"extension\":[{\"url\":"
        + "\"http://fhir.openmrs.org/ext/patient/identifier#location\","
        + "\"valueReference\":{\"reference\":\"Location/"
        + location
        + "\"}}]}";
  }

  @Test
  void saveOfTheEngineIsToldInItsTransaction() {
    String patient = TestNode.newUuid();
    String visitType = TestNode.newUuid();
    node.host.begin();
    node.host.save("fhir", "patient", patient, bytes(patient("\"gender\":\"male\"")));
    node.host.save("rest", "visittype", visitType, bytes("{\"name\":\"Clinic\"}"));
    node.host.rollback();
    assertEquals(List.of(), told(patient, visitType));

    node.host.begin();
    node.host.save("fhir", "patient", patient, bytes(patient("\"gender\":\"male\"")));
    node.host.save("rest", "visittype", visitType, bytes("{\"name\":\"Clinic\"}"));
    node.host.commit();
    assertEquals(
        List.of("patient CREATED " + patient + " -", "visittype CREATED - -"),
        told(patient, visitType));
    assertEquals(1, transactions(patient, visitType));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void aChangeThatCannotBeToldIsNotMade() throws Exception {
    String overHttp = TestNode.newUuid();
    String byTheEngine = TestNode.newUuid();
    String metadata = TestNode.newUuid();
    statement("ALTER TABLE sync2_outbox RENAME TO elsewhere");
    try {
      assertEquals(
          500, node.put(FHIR + "Patient/" + overHttp, withId(overHttp, patient(""))).statusCode());
      assertThrows(RuntimeException.class, () -> node.save("patient", byTheEngine, patient("")));
      assertEquals(
          500,
          node.post("/ws/rest/v1/visittype", "{\"uuid\":\"" + metadata + "\",\"name\":\"Clinic\"}")
              .statusCode());
    } finally {
      statement("ALTER TABLE elsewhere RENAME TO sync2_outbox");
    }
    assertNull(node.readBytes("patient", overHttp));
    assertNull(node.readBytes("patient", byTheEngine));
    assertEquals(404, node.get("/ws/rest/v1/visittype/" + metadata).statusCode());
    assertTrue(told(overHttp, byTheEngine, metadata).isEmpty());
  }

  private static void statement(String text) throws Exception {
    node.host.begin();
    node.host.update(text, new Object[0]);
    node.host.commit();
  }
}
