package org.openmrs.sync2.node;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.InputStream;
import java.math.BigDecimal;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.openmrs.sync2.SyncHost;
import org.openmrs.sync2.SyncRejectedException;

/** A whole node: HTTP, storage, feed and host. */
class NodeServerTest {

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

  private static String patient(String uuid, String family) {
    return "{\"resourceType\":\"Patient\",\"id\":\""
        + uuid
        + "\",\"meta\":{\"source\":\"urn:example\","
        + "\"tag\":[{\"system\":\"http://example.org\",\"code\":\"a\"}]},\"name\":[{\"family\":\""
        + family
        + "\"}]}";
  }

  private static String observation(String patient) {
    return "{\"resourceType\":\"Observation\",\"status\":\"final\",\"code\":{\"text\":\"Weight\"},"
        + "\"subject\":{\"reference\":\"Patient/"
        + patient
        + "\"}}";
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static HttpResponse<String> anonymousGet(String path) throws Exception {
    return HttpClient.newHttpClient().send(node.request(path).build(), BodyHandlers.ofString());
  }

  @Test
  void fhirKeepsAClientsIdAndGivesBackWhatWasSaved() throws Exception {
    String uuid = TestNode.newUuid();

    assertEquals(201, node.put(FHIR + "Patient/" + uuid, patient(uuid, "Okello")).statusCode());

    JsonNode read = node.getJson(FHIR + "Patient/" + uuid);
    JsonNode meta = read.get("meta");
    assertEquals("Okello", read.at("/name/0/family").asText());
    assertEquals("urn:example", meta.get("source").asText());
    assertEquals(1, meta.get("tag").size());
  }

  @Test
  void aChangeOverHttpIsOneEvent() throws Exception {
    String uuid = TestNode.newUuid();
    node.put(FHIR + "Patient/" + uuid, patient(uuid, "Okello"));
    assertEquals(1, publishedEvents(uuid));

    node.put(FHIR + "Patient/" + uuid, patient(uuid, "Okello"));
    assertEquals(1, publishedEvents(uuid), "an update that changes nothing is no event");

    node.delete(FHIR + "Patient/" + uuid);
    assertEquals(2, publishedEvents(uuid));
  }

  @Test
  void aNodeWithoutAParentServesItsOwnFeed() throws Exception {
    String feed = "/ws/rest/v1/sync2/feed/recent";
    assertEquals(401, anonymousGet(feed).statusCode());
    HttpResponse<String> page = node.get(feed);
    assertEquals(200, page.statusCode());
    assertEquals(
        "application/atom+xml;charset=utf-8",
        page.headers().firstValue("Content-Type").orElseThrow().toLowerCase());
    assertTrue(page.body().contains(node.server.baseUrl() + feed), page.body());

    String etag = page.headers().firstValue("ETag").orElseThrow();
    HttpRequest again = node.request(feed).header("If-None-Match", etag).build();
    assertEquals(304, node.send(again).statusCode());
    assertEquals(200, node.get("/ws/rest/v1/sync2/status").statusCode());
  }

  @Test
  void theOwnFeedIsCompressedOnce() throws Exception {
    HttpRequest request =
        node.request("/ws/rest/v1/sync2/feed/recent")
            .header("Authorization", TestNode.basic("admin", "secret"))
            .header("Accept-Encoding", "gzip")
            .build();
    HttpResponse<InputStream> answer =
        HttpClient.newHttpClient().send(request, BodyHandlers.ofInputStream());
    assertEquals(List.of("gzip"), answer.headers().allValues("Content-Encoding"));
    try (InputStream document = new GZIPInputStream(answer.body())) {
      assertTrue(new String(document.readAllBytes(), StandardCharsets.UTF_8).startsWith("<?xml"));
    }
  }

  @Test
  void anUpdateTakesTagsAway() throws Exception {
    String uuid = TestNode.newUuid();
    node.put(FHIR + "Patient/" + uuid, patient(uuid, "Okello"));

    node.put(
        FHIR + "Patient/" + uuid,
        "{\"resourceType\":\"Patient\",\"id\":\"" + uuid + "\",\"gender\":\"female\"}");

    assertFalse(node.getJson(FHIR + "Patient/" + uuid).get("meta").has("tag"));
  }

  @Test
  void theHostReadsWhatTheServerAnswers() throws Exception {
    String uuid = TestNode.newUuid();
    ObjectNode patient = (ObjectNode) TestNode.parse(patient(uuid, "Ak\u00e9llo"));
    patient.withObject("/meta").putArray("profile").add("http://example.org/profile");
    ObjectNode extension = patient.putArray("extension").addObject().put("url", "http://x.org/y");
    extension.put("valueDecimal", new BigDecimal("1.10"));
    node.put(FHIR + "Patient/" + uuid, patient.toString());
    node.put(FHIR + "Patient/" + uuid, patient.put("gender", "female").toString());

    JsonNode answered = node.getJson(FHIR + "Patient/" + uuid);
    ((ObjectNode) answered.get("meta")).remove(List.of("versionId", "lastUpdated"));

    assertEquals(answered, node.read("patient", uuid));
    assertEquals("female", answered.get("gender").asText());
    String read = text(node.readBytes("patient", uuid));
    assertTrue(read.contains("\"valueDecimal\":1.10"), read);
  }

  @Test
  void aSearchByIdsFindsThoseThatAreHereAndReturnsWhatIsAskedFor() throws Exception {
    String one = TestNode.newUuid();
    String two = TestNode.newUuid();
    node.save("patient", one, patient(one, "One"));
    node.save("patient", two, patient(two, "Two"));

    JsonNode found =
        node.getJson(
            FHIR + "Patient?_summary=data&_id=" + one + "," + two + "," + TestNode.newUuid());

    assertEquals(2, found.get("entry").size());
    JsonNode elements = node.getJson(FHIR + "Patient?_elements=gender&_id=" + one);
    assertFalse(elements.at("/entry/0/resource").has("name"));
  }

  @Test
  void allPagesOfASearchTogetherAreAllResourcesOnce() throws Exception {
    Set<String> saved = new HashSet<>();
    for (int i = 0; i < 7; i++) {
      String uuid = TestNode.newUuid();
      node.save(
          "organization",
          uuid,
          "{\"resourceType\":\"Organization\",\"name\":\"Clinic " + i + "\"}");
      saved.add(uuid);
    }

    List<String> listed = new ArrayList<>();
    String next = FHIR + "Organization?_count=3";
    while (next != null) {
      JsonNode page = node.getJson(next);
      page.get("entry").forEach(entry -> listed.add(entry.at("/resource/id").asText()));
      next = nextLink(page);
    }

    assertEquals(7, listed.size());
    assertEquals(saved, new HashSet<>(listed));
  }

  private static String nextLink(JsonNode page) {
    for (JsonNode link : page.get("link")) {
      if (link.get("relation").asText().equals("next")) {
        return link.get("url").asText().substring(node.server.baseUrl().length());
      }
    }
    return null;
  }

  @Test
  void aReferenceToNothingIsRefusedAndOneToARemovedResourceStands() throws Exception {
    String patient = TestNode.newUuid();
    String observation = TestNode.newUuid();

    assertEquals(
        400,
        node.put(FHIR + "Observation/" + observation, withId(observation, observation(patient)))
            .statusCode());

    node.save("patient", patient, patient(patient, "Okello"));
    node.remove("patient", patient);
    assertEquals(
        201,
        node.put(FHIR + "Observation/" + observation, withId(observation, observation(patient)))
            .statusCode());
    assertEquals(404, node.get(FHIR + "Patient/" + TestNode.newUuid()).statusCode());
    assertEquals(410, node.get(FHIR + "Patient/" + patient).statusCode());
  }

  @Test
  void resourceThatRefersToARemovedOneIsStillFoundByIt() throws Exception {
    String patient = TestNode.newUuid();
    String observation = TestNode.newUuid();
    node.save("patient", patient, patient(patient, "Okello"));
    node.save("observation", observation, observation(patient));

    node.remove("patient", patient);

    for (String parameter : List.of("subject", "patient")) {
      JsonNode found = node.getJson(FHIR + "Observation?" + parameter + "=Patient/" + patient);
      assertEquals(observation, found.at("/entry/0/resource/id").asText(), parameter);
    }
  }

  private static String withId(String uuid, String resource) {
    return resource.replaceFirst("\\{", "{\"id\":\"" + uuid + "\",");
  }

  @Test
  void withoutLogInThereIsNothingButTheStackTraceOfTheFeed() throws Exception {
    assertEquals(401, anonymousGet(FHIR + "Patient").statusCode());
    assertEquals(401, anonymousGet("/ws/rest/v1/encountertype").statusCode());
    assertFalse(
        TestNode.parse(anonymousGet("/ws/rest/v1/session").body())
            .get("authenticated")
            .asBoolean());

    HttpResponse<String> feed =
        HttpClient.newHttpClient()
            .send(
                node.request("/ws/atomfeed/patient/recent")
                    .header("Authorization", TestNode.basic("admin", "secret"))
                    .build(),
                BodyHandlers.ofString());
    assertEquals(200, feed.statusCode());
    assertEquals(
        "application/json;charset=utf-8",
        feed.headers().firstValue("Content-Type").orElseThrow().toLowerCase());
    assertTrue(TestNode.parse(feed.body()).has("stackTrace"));
  }

  @Test
  void aWrongPasswordOpensNoSession() throws Exception {
    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(
                node.request("/ws/rest/v1/session")
                    .header("Authorization", TestNode.basic("admin", "wrong"))
                    .build(),
                BodyHandlers.ofString());

    assertFalse(TestNode.parse(answer.body()).get("authenticated").asBoolean());
    assertTrue(answer.headers().firstValue("Set-Cookie").isEmpty());
  }

  @Test
  void theAnswerToAWrongPasswordTakesASecond() throws Exception {
    long begun = System.nanoTime();
    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(
                node.request("/ws/rest/v1/sync2/status")
                    .header("Authorization", TestNode.basic("admin", "wrong"))
                    .build(),
                BodyHandlers.ofString());
    assertEquals(401, answer.statusCode());
    assertTrue(System.nanoTime() - begun >= 1_000_000_000L);
  }

  @Test
  void aSessionIdInAnAddressOpensNothing() throws Exception {
    HttpClient client = HttpClient.newHttpClient();
    String path = "/ws/rest/v1/session";
    HttpResponse<String> loggedIn =
        client.send(
            node.request(path).header("Authorization", TestNode.basic("admin", "secret")).build(),
            BodyHandlers.ofString());
    String cookie = loggedIn.headers().firstValue("Set-Cookie").get().split(";")[0];
    HttpResponse<String> byCookie =
        client.send(node.request(path).header("Cookie", cookie).build(), BodyHandlers.ofString());
    assertTrue(TestNode.parse(byCookie.body()).get("authenticated").asBoolean());
    String id = cookie.substring(cookie.indexOf('=') + 1);
    HttpResponse<String> byAddress =
        client.send(node.request(path + ";jsessionid=" + id).build(), BodyHandlers.ofString());
    boolean isOpen =
        byAddress.statusCode() == 200
            && TestNode.parse(byAddress.body()).get("authenticated").asBoolean();
    assertFalse(isOpen, byAddress.body());
  }

  @Test
  void theFeedTellsEveryChangeInOrderOnLinkedPages() throws Exception {
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      String uuid = TestNode.newUuid();
      node.save("location", uuid, "{\"resourceType\":\"Location\",\"name\":\"Ward " + i + "\"}");
      expected.add("CREATED " + uuid);
    }
    String first = expected.get(0).substring("CREATED ".length());
    node.save("location", first, "{\"resourceType\":\"Location\",\"name\":\"Ward, renamed\"}");
    expected.add("UPDATED " + first);
    node.remove("location", first);
    expected.add("VOIDED " + first);
    node.server.publishEvents();

    List<String> told = new ArrayList<>();
    String page = node.get("/ws/atomfeed/location/1").body();
    while (true) {
      told.addAll(events(page));
      Matcher next = Pattern.compile("rel=\"next-archive\"[^>]*href=\"([^\"]*)\"").matcher(page);
      if (!next.find()) {
        break;
      }
      page = node.get(next.group(1).substring(node.server.baseUrl().length())).body();
    }

    assertEquals(expected, told);
    assertEquals(events(page), events(node.get("/ws/atomfeed/location/recent").body()));
  }

  private static List<String> events(String page) {
    List<String> events = new ArrayList<>();
    for (String entry : page.split("<entry>")) {
      Matcher uuid = Pattern.compile("\"fhir\":\"/ws/fhir/Location/([^\"]+)\"").matcher(entry);
      Matcher action = Pattern.compile("term=\"([A-Z]+)\"").matcher(entry);
      if (uuid.find() && action.find()) {
        events.add(action.group(1) + " " + uuid.group(1));
      }
    }
    return events;
  }

  @Test
  void longFeedsAreCountedAndReadFromTheNearestStride() throws Exception {
    node.host.begin();
    for (int i = 1; i <= 600; i++) {
      node.host.update(
          "INSERT INTO event_records (uuid, title, object, category, tags) VALUES (?, 'Task', '{}',"
              + " 'task', 'task')",
          new Object[] {"event-" + i});
    }
    node.host.commit();

    String page = node.get("/ws/atomfeed/task/104").body();

    for (int i = 516; i <= 520; i++) {
      assertTrue(page.contains("event-" + i + "<"), "event " + i);
    }
    assertFalse(page.contains("event-515<"));
    assertFalse(page.contains("event-521<"));
    assertTrue(node.get("/ws/atomfeed/task/recent").body().contains("/ws/atomfeed/task/120"));
  }

  @Test
  void metadataKeepsItsUuidAndIsRetiredRestoredAndPurged() throws Exception {
    String uuid = TestNode.newUuid();
    String path = "/ws/rest/v1/encountertype/" + uuid;
    String document =
        "{\"uuid\":\"" + uuid + "\",\"name\":\"Consultation\",\"description\":\"seed\"}";

    assertEquals(201, node.post("/ws/rest/v1/encountertype", document).statusCode());
    assertEquals(500, node.post("/ws/rest/v1/encountertype", document).statusCode());
    assertEquals(400, node.post("/ws/rest/v1/encountertype", "{\"name\":\" \"}").statusCode());
    JsonNode read = node.getJson(path + "?v=full");
    assertEquals("Consultation", read.get("display").asText());
    assertEquals(node.server.baseUrl() + path, read.at("/links/0/uri").asText());
    assertTrue(read.at("/auditInfo/dateChanged").isNull());

    node.post(path, "{\"description\":\"changed\"}");
    read = node.getJson(path);
    assertEquals(
        "Consultation changed", read.get("name").asText() + " " + read.get("description").asText());

    assertEquals(204, node.delete(path).statusCode());
    assertTrue(node.getJson(path).get("retired").asBoolean());
    node.post(path, "{\"retired\":false}");
    assertFalse(node.getJson(path).get("retired").asBoolean());
    assertEquals(204, node.delete(path + "?purge=true").statusCode());
    assertEquals(404, node.get(path).statusCode());
  }

  @Test
  void aListOfMetadataLeadsToItsNextPage() throws Exception {
    for (int i = 0; i < 3; i++) {
      node.post("/ws/rest/v1/visittype", "{\"name\":\"Visit " + i + "\"}");
    }

    JsonNode page = node.getJson("/ws/rest/v1/visittype?v=full&limit=2");
    JsonNode last =
        node.getJson(page.at("/links/0/uri").asText().substring(node.server.baseUrl().length()));

    assertEquals(2, page.get("results").size());
    assertEquals("Visit 2", last.at("/results/0/name").asText());
    assertFalse(last.has("links"));
  }

  @Test
  void aRollbackLeavesNothingAndACommitLeavesAll() throws Exception {
    String uuid = TestNode.newUuid();
    node.host.begin();
    node.host.update("CREATE TABLE IF NOT EXISTS own (id VARCHAR(64))", new Object[0]);
    node.host.commit();

    node.host.begin();
    saveAll(uuid);
    node.host.rollback();
    assertNull(node.readBytes("patient", uuid));
    assertEquals(0, count("SELECT COUNT(*) FROM own WHERE id = ?", uuid));
    assertEquals(0, publishedEvents(uuid));

    node.host.begin();
    saveAll(uuid);
    node.host.commit();
    assertEquals("Okello", node.read("patient", uuid).at("/name/0/family").asText());
    assertEquals(1, count("SELECT COUNT(*) FROM own WHERE id = ?", uuid));
    assertEquals(2, publishedEvents(uuid));
  }

  private static void saveAll(String uuid) throws Exception {
    node.host.save("fhir", "patient", uuid, bytes(patient(uuid, "Okello")));
    node.host.save("rest", "patient_identifier_type", uuid, bytes("{\"name\":\"Card\"}"));
    node.host.update("INSERT INTO own VALUES (?)", new Object[] {uuid});
  }

  private static long publishedEvents(String uuid) {
    node.server.publishEvents();
    return count("SELECT COUNT(*) FROM event_records WHERE object LIKE ?", "%" + uuid + "%");
  }

  private static long count(String statement, String parameter) {
    node.host.begin();
    try {
      return (Long) node.host.query(statement, new Object[] {parameter})[0][0];
    } finally {
      node.host.rollback();
    }
  }

  @Test
  void aReferenceToWhatWasRolledBackIsUnknown() {
    String patient = TestNode.newUuid();
    String observation = TestNode.newUuid();
    node.host.begin();
    node.host.save("fhir", "patient", patient, bytes(patient(patient, "Okello")));
    node.host.save("fhir", "observation", observation, bytes(observation(patient)));
    node.host.rollback();

    node.host.begin();
    assertThrows(
        SyncRejectedException.class,
        () -> node.host.save("fhir", "observation", observation, bytes(observation(patient))));
    node.host.rollback();

    node.save("patient", patient, patient(patient, "Okello"));
    node.save("observation", observation, observation(patient));
    assertEquals(
        "Patient/" + patient,
        node.read("observation", observation).at("/subject/reference").asText());
  }

  @Test
  void resourceReadUnderALockStaysUntilTheCommit() throws Exception {
    String uuid = TestNode.newUuid();
    node.save("patient", uuid, patient(uuid, "Before"));

    node.host.begin();
    node.host.read("fhir", "patient", uuid, true);
    CompletableFuture<HttpResponse<String>> edit =
        CompletableFuture.supplyAsync(() -> edit(uuid, patient(uuid, "Edited")));
    awaitBlockedSession();
    assertFalse(edit.isDone());
    node.host.commit();

    assertEquals(200, edit.get(60, TimeUnit.SECONDS).statusCode());
    assertEquals("Edited", node.read("patient", uuid).at("/name/0/family").asText());
  }

  private static HttpResponse<String> edit(String uuid, String document) {
    try {
      return node.put(FHIR + "Patient/" + uuid, document);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** Waits until another session waits for a row that this thread's transaction has locked. */
  private static void awaitBlockedSession() {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    String waiting =
        "SELECT COUNT(*) FROM INFORMATION_SCHEMA.SESSIONS WHERE BLOCKER_ID = SESSION_ID()";
    while ((Long) node.host.query(waiting, new Object[0])[0][0] == 0) {
      assertTrue(System.nanoTime() < end, "nobody waits for the lock");
      Thread.onSpinWait();
    }
  }

  /** What is loaded together for reads to come is what each of them gives by itself. */
  @Test
  void expectedReadsGiveWhatIsStoredThen() {
    String changed = TestNode.newUuid();
    String removed = TestNode.newUuid();
    node.save("patient", changed, patient(changed, "Before"));
    node.save("patient", removed, patient(removed, "Removed"));
    node.remove("patient", removed);
    String[] both = {changed, removed};

    node.host.begin();
    try {
      node.host.expectReads("fhir", new String[] {"patient", "patient"}, both);
      byte[] loaded = node.host.read("fhir", "patient", changed, false);
      assertArrayEquals(node.host.read("fhir", "patient", changed, false), loaded);
      assertArrayEquals(SyncHost.REMOVED, node.host.read("fhir", "patient", removed, false));

      node.host.expectReads("fhir", new String[] {"patient", "patient"}, both);
      node.host.save("fhir", "patient", changed, bytes(patient(changed, "After")));
      assertTrue(text(node.host.read("fhir", "patient", changed, false)).contains("After"));
    } finally {
      node.host.rollback();
    }
  }

  /** The engine sees byte for byte that nothing was lost, and works out no more. */
  @Test
  void documentSavedByTheEngineIsReadByteForByte() {
    String uuid = TestNode.newUuid();
    String document =
        "{\"birthDate\":\"1980-02-29\",\"extension\":[{\"url\":\"http://example.org/ratio\","
            + "\"valueDecimal\":1.10}],\"id\":\""
            + uuid
            + "\",\"name\":[{\"family\":\"Óké 🙂\"}],\"resourceType\":\"Patient\"}";
    node.save("patient", uuid, document);
    assertEquals(document, text(node.readBytes("patient", uuid)));
  }

  @Test
  void removedResourcesAreKnownAndComeBack() {
    String uuid = TestNode.newUuid();
    node.save("patient", uuid, patient(uuid, "Okello"));

    node.remove("patient", uuid);
    assertArrayEquals(SyncHost.REMOVED, node.readBytes("patient", uuid));
    node.host.begin();
    String[] categories = {"patient", "patient", "encounter", "unknown"};
    boolean[] here =
        node.host.exists(categories, new String[] {uuid, TestNode.newUuid(), uuid, uuid});
    node.host.rollback();
    assertArrayEquals(new boolean[] {true, false, false, false}, here);

    node.save("patient", uuid, patient(uuid, "Okello"));
    assertEquals("Okello", node.read("patient", uuid).at("/name/0/family").asText());
  }

  @Test
  void retiredMetadataIsReadAsADocumentAndOnlyDeletedOneIsGone() throws Exception {
    String uuid = TestNode.newUuid();
    for (boolean retired : new boolean[] {false, true, false, true}) {
      node.host.begin();
      node.host.save("rest", "visittype", uuid, bytes(visitType(retired)));
      node.host.commit();
      assertEquals(retired, TestNode.parse(readVisitType(uuid)).get("retired").asBoolean());
    }
    assertEquals(
        List.of(
            "visittype,CREATED", "visittype,RETIRED", "visittype,UNRETIRED", "visittype,RETIRED"),
        publishedTerms(uuid));

    node.host.begin();
    assertThrows(
        SyncRejectedException.class, () -> node.host.remove("rest", "visittype", uuid, "VOIDED"));
    assertNotNull(node.host.read("rest", "visittype", uuid, true));
    node.host.remove("rest", "visittype", uuid, "DELETED");
    node.host.commit();
    assertNull(readVisitType(uuid));
  }

  private static String visitType(boolean retired) {
    return "{\"name\":\"Clinic\",\"retired\":" + retired + "}";
  }

  private static String readVisitType(String uuid) {
    node.host.begin();
    try {
      byte[] read = node.host.read("rest", "visittype", uuid, false);
      return read == null ? null : new String(read, StandardCharsets.UTF_8);
    } finally {
      node.host.rollback();
    }
  }

  private static List<String> publishedTerms(String uuid) {
    node.server.publishEvents();
    node.host.begin();
    try {
      String statement = "SELECT tags FROM event_records WHERE object LIKE ? ORDER BY id";
      Object[][] rows = node.host.query(statement, new Object[] {"%" + uuid + "%"});
      return Arrays.stream(rows).map(row -> (String) row[0]).toList();
    } finally {
      node.host.rollback();
    }
  }

  @Test
  void aThreadHasOneTransaction() {
    node.host.begin();
    assertThrows(IllegalStateException.class, node.host::begin);
    node.host.rollback();
    assertThrows(IllegalStateException.class, node.host::commit);
    node.host.rollback();
  }

  @Test
  void aDocumentOfAnotherTypeIsRejected() {
    node.host.begin();
    assertThrows(
        SyncRejectedException.class,
        () -> node.host.save("fhir", "patient", "x", bytes("{\"resourceType\":\"Location\"}")));
    assertThrows(
        SyncRejectedException.class, () -> node.host.save("fhir", "patient", "x", bytes("<html>")));
    assertThrows(
        SyncRejectedException.class, () -> node.host.save("rest", "visittype", "x", bytes("{}")));
    node.host.rollback();
  }

  @Test
  void statementsSpeakTheEnginesFourKindsOfValue() throws Exception {
    node.host.begin();
    node.host.update("CREATE TABLE kinds (n BIGINT, t VARCHAR, b VARBINARY)", new Object[0]);
    Object[][] rows = {{1L, "one", new byte[] {1, 2}}, {null, null, null}};
    long[] changed = node.host.updateAll("INSERT INTO kinds VALUES (?, ?, ?)", rows);
    Object[][] read =
        node.host.query("SELECT n, t, b FROM kinds ORDER BY n NULLS LAST", new Object[0]);
    node.host.rollback();

    assertArrayEquals(new long[] {1, 1}, changed);
    assertArrayEquals(rows, read);
    assertEquals("H2", node.host.databaseProduct());
  }
}
