package org.openmrs.sync2;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openmrs.sync2.SyncApi.Request;
import org.openmrs.sync2.SyncApi.Response;
import org.openmrs.sync2.jdbc.JdbcHost;
import org.openmrs.sync2.jdbc.TestDatabases;

/** The HTTP API: what is answered, and who gets nothing. */
class SyncApiTest {

  private static final Set<String> ALL = new HashSet<>(Arrays.asList(SyncApi.VIEW, SyncApi.MANAGE));

  @TempDir private Path dataDirectory;

  private final Queue<Runnable> started = new ArrayDeque<>();
  private ServerSocket parent;
  private SyncEngine engine;
  private TestNode node;
  private SyncApi api;

  @BeforeEach
  void open() throws Exception {
    parent = TestConfig.silentParent();
    String config = TestConfig.forParent(parent.getLocalPort());
    engine = SyncEngine.open(config, new JdbcHost(TestDatabases.h2()), environment());
    node = new TestNode(engine, started::add);
    api = new SyncApi(node);
  }

  private SyncEnvironment environment() {
    return new SyncEnvironment().nativeDirectory(TestConfig.NATIVE).dataDirectory(dataDirectory);
  }

  @AfterEach
  void close() throws Exception {
    engine.close();
    parent.close();
  }

  @Test
  void listsAndStatusAreRead() {
    for (String path : Arrays.asList("runs", "parked", "conflicts")) {
      Response response = api.handle(get(path));
      assertEquals(200, response.status(), path);
      assertEquals("[]", new String(response.body(), UTF_8), path);
    }
    assertEquals(0, json(api.handle(get("audit"))).get("messages").size());
    assertEquals(200, api.handle(get("marker")).status());
    assertFalse(json(api.handle(get("status"))).isEmpty());
  }

  @Test
  void unknownAddressIsNotFound() {
    for (String path : Arrays.asList("nothing", "runs/none", "audit/none", "", "runs/", "a/b/c")) {
      assertError(404, "NotFound", api.handle(get(path)));
    }
    assertError(405, "MethodNotAllowed", api.handle(get("pull")));
  }

  @Test
  void nobodySeesAnythingWithoutThePrivilege() {
    assertError(401, "NotAuthenticated", api.handle(new Request("GET", "status")));
    Set<String> other = Collections.singleton(SyncApi.MANAGE);
    assertError(403, "Forbidden", api.handle(new Request("GET", "status").user("u", other)));
    Set<String> view = Collections.singleton(SyncApi.VIEW);
    for (String direction : Arrays.asList("pull", "push")) {
      assertError(401, "NotAuthenticated", api.handle(anonymous(direction)));
      assertError(403, "Forbidden", api.handle(post(direction, "{}").user("u", view)));
    }
    assertTrue(started.isEmpty());
  }

  @Test
  void aFormOfAnotherSiteChangesNothing() {
    Request form =
        new Request("POST", "pull")
            .user("u", ALL)
            .headers(headers("application/x-www-form-urlencoded", null));
    assertError(415, "UnsupportedMediaType", api.handle(form));
    Request withoutHeader =
        new Request("POST", "pull").user("u", ALL).headers(headers("application/json", null));
    assertError(403, "Forbidden", api.handle(withoutHeader));
    assertTrue(started.isEmpty());
  }

  @Test
  void aPullIsStartedOnceAndElsewhere() throws Exception {
    Response accepted = api.handle(post("pull", "{}"));
    assertEquals(202, accepted.status());
    assertError(409, "AlreadyRunning", api.handle(post("pull", "{}")));
    assertEquals(1, started.size());

    String id = json(accepted).get("id").asText();
    assertEquals("running", json(api.handle(get("runs/" + id))).get("state").asText());
    parent.close();
    started.remove().run();
    assertEquals("interrupted", json(api.handle(get("runs/" + id))).get("state").asText());
    assertEquals(202, api.handle(post("pull", "{}")).status());
  }

  @Test
  void aPushIsStartedBesideAPull() throws Exception {
    assertEquals(202, api.handle(post("pull", "{}")).status());
    Response accepted = api.handle(post("push", "{}"));
    assertEquals(202, accepted.status());
    assertError(409, "AlreadyRunning", api.handle(post("push", "{}")));
    assertError(400, "BadRequest", api.handle(post("push", "{\"uuid\": \"p\"}")));
    assertEquals(2, started.size());

    // The pull is not run: the push is ended first, and finds nothing to send.
    started.remove();
    started.remove().run();
    String id = json(accepted).get("id").asText();
    JsonNode run = json(api.handle(get("runs/" + id)));
    assertEquals("push", run.get("direction").asText());
    assertEquals("completed", run.get("state").asText());
    JsonNode status = json(api.handle(get("status")));
    assertEquals(id, status.get("push").get("id").asText());
    assertTrue(status.get("pull").isNull());
  }

  @Test
  void aServerWhoseDatabaseWasCopiedIsOneNodeAgainByChoice() throws Exception {
    Path file = dataDirectory.resolve("sync2-node-id");
    String id = new String(Files.readAllBytes(file), UTF_8).trim();
    Files.write(file, "another-node".getBytes(UTF_8));
    assertEquals(202, api.handle(post("push", "{}")).status());
    started.remove().run();
    for (String direction : Arrays.asList("push", "pull")) {
      assertError(400, "Configuration", api.handle(post(direction, "{}")));
    }
    node.problems.add("of the program");
    JsonNode problems = json(api.handle(get("status"))).get("problems");
    assertEquals(2, problems.size(), problems.toString());
    assertTrue(problems.get(0).asText().contains("another-node"), problems.toString());

    Set<String> view = Collections.singleton(SyncApi.VIEW);
    Request adopt = post("node", "{\"choice\": \"adopt\"}");
    assertError(403, "Forbidden", api.handle(adopt.user("u", view)));
    for (String body :
        Arrays.asList("{}", "{\"choice\": 1}", "{\"choice\": \"adopt\", \"a\": 1}")) {
      assertError(400, "BadRequest", api.handle(post("node", body)));
    }
    assertError(400, "Configuration", api.handle(post("node", "{\"choice\": \"Adopt\"}")));
    assertEquals(id, json(api.handle(adopt.user("u", ALL))).get("nodeId").asText());
    assertEquals(1, json(api.handle(get("status"))).get("problems").size());
    assertEquals(202, api.handle(post("push", "{}")).status());
    assertError(409, "AlreadyRunning", api.handle(post("push", "{}")));
    started.remove().run();

    String renewed = engine.chooseNode("renew");
    assertFalse(renewed.equals(id));
    assertEquals(renewed, new String(Files.readAllBytes(file), UTF_8).trim());
  }

  @Test
  void oneObjectIsPushedByItsName() throws Exception {
    Response accepted =
        api.handle(post("push", "{\"category\": \"patient\", \"uuid\": \"not-here\"}"));
    assertEquals(202, accepted.status());
    started.remove().run();
    JsonNode run = json(api.handle(get("runs/" + json(accepted).get("id").asText())));
    assertEquals("push", run.get("direction").asText());
    assertEquals("object", run.get("kind").asText());
    assertEquals(1, run.get("counts").get("PARKED").asInt());
    assertError(
        400,
        "Configuration",
        api.handle(post("push", "{\"category\": \"location\", \"uuid\": \"l\"}")));
    assertTrue(started.isEmpty());
  }

  @Test
  void oneObjectIsPulledByItsName() throws Exception {
    String body = "{\"category\": \"patient\", \"uuid\": \"p-1\"}";
    Response accepted = api.handle(post("pull", body));
    assertEquals(202, accepted.status());
    parent.close();
    started.remove().run();
    String id = json(accepted).get("id").asText();
    assertEquals("object", json(api.handle(get("runs/" + id))).get("kind").asText());
  }

  @Test
  void anObjectThatCannotBeAskedForIsRefusedAtOnce() {
    for (String object :
        Arrays.asList(
            "\"category\": \"unicorn\", \"uuid\": \"u\"",
            "\"category\": \"location\", \"uuid\": \"not-pulled\"",
            "\"category\": \"patient\", \"uuid\": \"../p\"")) {
      assertError(400, "Configuration", api.handle(post("pull", "{" + object + "}")));
    }
    for (String body :
        Arrays.asList(
            "[]",
            "1",
            "pull",
            "{\"category\": \"patient\"}",
            "{\"category\": \"patient\", \"uuid\": 1}",
            "{\"category\": \"patient\", \"uuid\": \"p\", \"force\": true}")) {
      assertError(400, "BadRequest", api.handle(post("pull", body)));
    }
    assertTrue(started.isEmpty());
  }

  @Test
  void theConnectionIsTestedWithoutAPull() throws Exception {
    parent.close();
    Response response = api.handle(post("connection-test", "{}"));
    assertEquals(200, response.status());
    assertFalse(json(response).get("ok").asBoolean());
    assertEquals("connect", json(response).get("checks").get(1).get("name").asText());
    assertTrue(started.isEmpty());
    assertError(405, "MethodNotAllowed", api.handle(get("connection-test")));
  }

  @Test
  void theStatusTellsTheProblemsOfTheNode() {
    node.problems.add("the disk is full: make room");
    JsonNode status = json(api.handle(get("status")));
    assertEquals("the disk is full: make room", status.get("problems").get(0).asText());
    assertTrue(status.has("pullIntervalSeconds"));
  }

  @Test
  void withoutAnEngineTheStatusSaysWhy() {
    node.closed = "nothing is configured: configure it";
    JsonNode status = json(api.handle(get("status")));
    assertEquals("nothing is configured: configure it", status.get("problems").get(0).asText());
    String message = assertError(503, "Closed", api.handle(get("runs")));
    assertEquals("nothing is configured: configure it", message);
    assertError(503, "Closed", api.handle(post("pull", "{}")));
    assertEquals(200, api.handle(get("config")).status());
  }

  @Test
  void aConfigurationIsSavedAndShown() {
    Response saved = api.handle(post("config", "{\"node\": {\"name\": \"north\"}}"));
    assertEquals(200, saved.status());
    assertEquals("north", json(saved).get("node").get("name").asText());
    assertEquals(json(saved), json(api.handle(get("config"))));
  }

  @Test
  void aConfigurationIsCheckedAndNotSaved() {
    JsonNode before = json(api.handle(get("config")));
    Response wrong = api.handle(post("config/check", "{\"node\": {\"colour\": 1}}"));
    assertTrue(assertError(400, "Configuration", wrong).contains("node.colour"));
    assertError(400, "Configuration", api.handle(post("config/check", "[")));
    String deep = String.join("", Collections.nCopies(20_000, "{\"a\":"));
    for (String path : new String[] {"config/check", "config"}) {
      assertError(400, "Configuration", api.handle(post(path, deep)));
    }
    assertEquals(before, json(api.handle(get("config"))));
  }

  @Test
  void aNodeWithItsConfigurationInAFileSavesNone() {
    node.readOnly = true;
    assertError(405, "MethodNotAllowed", api.handle(post("config", "{}")));
  }

  @Test
  void cancelIsAccepted() {
    assertEquals(202, api.handle(post("cancel", "{}")).status());
  }

  @Test
  void retryTakesAListOfAuditMessages() {
    Response response = api.handle(post("audit/retry", "{\"uuids\": [\"a\"]}"));
    assertEquals(200, response.status());
    assertNotNull(json(response).get("retried"));
    assertError(400, "BadRequest", api.handle(post("audit/retry", "{\"uuids\": []}")));
    assertError(400, "BadRequest", api.handle(post("audit/retry", "uuids")));
    assertError(400, "BadRequest", api.handle(post("audit/retry", "{}")));
  }

  @Test
  void parametersThatAreWrongAreRefusedByName() {
    for (String name : Arrays.asList("limit", "offset", "from", "until")) {
      Request request = get("audit").query(name + "=x");
      assertTrue(assertError(400, "BadRequest", api.handle(request)).contains(name));
    }
    Request cursor = get("parked").query("after=x");
    assertError(400, "Configuration", api.handle(cursor));
    Request unknown = get("runs").query("state=failed");
    assertTrue(assertError(400, "BadRequest", api.handle(unknown)).contains("state"));
    Request many = get("runs").query("limit=100000");
    assertError(400, "Configuration", api.handle(many));
  }

  @Test
  void aBodyThatIsTooLongIsRefused() {
    Request request = post("audit/retry", "").body(new byte[SyncApi.MOST_BYTES_READ]);
    assertError(413, "TooLarge", api.handle(request));
  }

  private static Request get(String path) {
    return new Request("GET", path).user("u", ALL);
  }

  private static Request post(String path, String body) {
    return anonymous(path).user("u", ALL).body(body.getBytes(UTF_8));
  }

  private static Request anonymous(String path) {
    return new Request("POST", path).headers(headers("application/json; charset=utf-8", "1"));
  }

  private static Function<String, String> headers(String contentType, String sync2) {
    Map<String, String> headers = new HashMap<>();
    headers.put("Content-Type", contentType);
    headers.put("X-Sync2", sync2);
    return headers::get;
  }

  private static String assertError(int status, String kind, Response response) {
    assertEquals(status, response.status());
    JsonNode error = json(response).get("error");
    assertEquals(kind, error.get("kind").asText());
    assertTrue(error.has("details"));
    return error.get("message").asText();
  }

  private static JsonNode json(Response response) {
    return Json.tree(response.body());
  }
}
