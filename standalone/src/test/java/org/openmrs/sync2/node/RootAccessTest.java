package org.openmrs.sync2.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.openmrs.sync2.SyncExchange;

/**
 * Rights at a node without a parent, whose owner may exchange nothing but locations. What a
 * privilege allows is tested with the HTTP API: the owner of a node has all of them.
 */
class RootAccessTest {

  private static final String SYNC2 = "/ws/rest/v1/sync2/";
  private static final String READ = "objects/read";
  private static final String APPLY = "objects/apply";

  private static final List<String> READABLE =
      List.of("status", "feed/recent", "feed/1", "feed/patient/recent", "feed/patient/1");
  private static final List<String> POSTED = List.of("pull", "push", READ, APPLY);

  private static final String PATIENT =
      "{\"category\": \"patient\", \"uuid\": \"p\", \"representation\": \"fhir\"";
  private static final String LOCATION =
      "{\"category\": \"location\", \"uuid\": \"l\", \"representation\": \"fhir\"";

  /** As the engine has it. */
  private static final String SENT = ", \"action\": \"CREATED\", \"canonicalVersion\": 4, ";

  private static TestNode node;

  @BeforeAll
  static void start() throws Exception {
    String children = "{\"admin\": {\"categories\": [\"location\"], \"write\": [\"location\"]}}";
    node =
        TestNode.start(
            false,
            "{\"pull\": {\"enabled\": false}, \"exchange\": {\"children\": " + children + "}}");
    node.save("patient", "p", "{\"resourceType\": \"Patient\", \"id\": \"p\"}");
  }

  @AfterAll
  static void stop() throws Exception {
    if (node != null) {
      node.close();
    }
  }

  @Test
  void nobodyGetsAnythingWithoutLoggingIn() throws Exception {
    for (String wrong : List.of("", TestNode.basic("admin", "wrong"))) {
      for (String path : READABLE) {
        assertEquals(401, statusOf(wrong, node.request(SYNC2 + path)), path);
      }
      for (String path : POSTED) {
        HttpRequest.Builder post = post(path, contentType(path), "");
        assertEquals(401, statusOf(wrong, post), path);
      }
    }
  }

  private static int statusOf(String authorization, HttpRequest.Builder request) throws Exception {
    if (!authorization.isEmpty()) {
      request.header("Authorization", authorization);
    }
    return HttpClient.newHttpClient().send(request.build(), BodyHandlers.discarding()).statusCode();
  }

  private static HttpRequest.Builder post(String path, String contentType, String body) {
    return node.request(SYNC2 + path)
        .header("Content-Type", contentType)
        .header("X-Sync2", "1")
        .header(SyncExchange.NODE_HEADER, "child-node")
        .POST(BodyPublishers.ofString(body));
  }

  private static String contentType(String path) {
    return path.startsWith("objects/") ? SyncExchange.MEDIA_TYPE : "application/json";
  }

  @Test
  void aPageOfAnotherSiteStartsNothing() throws Exception {
    for (String path : POSTED) {
      assertEquals(415, send(post(path, "text/plain", "{}")).statusCode(), path);
      HttpRequest.Builder withoutHeader =
          node.request(SYNC2 + path)
              .header("Content-Type", contentType(path))
              .POST(BodyPublishers.ofString(""));
      assertEquals(403, send(withoutHeader).statusCode(), path);
    }
  }

  @Test
  void aRootShowsItsStatusAndItsFeed() throws Exception {
    for (String path : READABLE) {
      assertEquals(200, node.get(SYNC2 + path).statusCode(), path);
    }
    assertTrue(node.getJson(SYNC2 + "status").get("problems").isEmpty());
    // The account exchanges locations only.
    String page = node.get(SYNC2 + "feed/1").body();
    assertTrue(page.contains("not for this account") && !page.contains("patient:p"), page);
  }

  @Test
  void aChildReadsTheFeedAndExchangesObjectsAndNothingElse() throws Exception {
    String child = TestNode.basic("child", "child-secret");
    assertEquals(200, statusOf(child, node.request(SYNC2 + "feed/1")));
    assertEquals(200, statusOf(child, post(READ, SyncExchange.MEDIA_TYPE, "")));
    for (String path :
        List.of(
            SYNC2 + "status",
            SYNC2 + "config",
            SYNC2 + "audit",
            "/ws/fhir2/R4/Patient/p",
            "/ws/rest/v1/location",
            "/ws/atomfeed/patient/recent")) {
      assertEquals(403, statusOf(child, node.request(path)), path);
    }
    assertEquals(403, statusOf(child, post("pull", "application/json", "{}")));
    assertEquals(200, statusOf(child, node.request("/ws/rest/v1/session")));
  }

  @Test
  void aRootSaysThatItHasNobodyToPullFromOrPushTo() throws Exception {
    for (String body : List.of("{}", "{\"category\": \"patient\", \"uuid\": \"p\"}")) {
      assertNoParent("pull", body, "nobody to pull from");
    }
    assertNoParent("push", "{}", "nobody to push to");
    assertTrue(node.getJson(SYNC2 + "runs").isEmpty());
  }

  private static void assertNoParent(String path, String body, String said) throws Exception {
    HttpResponse<String> answer = send(post(path, "application/json", body));
    assertEquals(400, answer.statusCode(), answer.body());
    JsonNode error = TestNode.parse(answer.body()).get("error");
    assertEquals("Configuration", error.get("kind").asText());
    assertTrue(error.get("message").asText().contains(said), answer.body());
  }

  @Test
  void anAccountReadsNothingOutsideItsScope() throws Exception {
    List<String> answers = exchange(READ, PATIENT + "}\n" + LOCATION + "}\n");
    assertForbidden(answers.get(0));
    assertTrue(TestNode.parse(answers.get(1)).path("error").isMissingNode(), answers.get(1));
  }

  @Test
  void anAccountWritesNothingOutsideItsScope() throws Exception {
    String patient =
        "\"document\": {\"resourceType\": \"Patient\", \"id\": \"p\", \"gender\": \"male\"}}\n";
    String location =
        "\"document\": {\"resourceType\": \"Location\", \"id\": \"l\", \"name\": \"Ward\"}}\n";
    List<String> answers = exchange(APPLY, PATIENT + SENT + patient + LOCATION + SENT + location);
    assertForbidden(answers.get(0));
    assertEquals("applied", TestNode.parse(answers.get(1)).get("status").asText());
    assertTrue(node.read("patient", "p").path("gender").isMissingNode());
    assertEquals("Ward", node.read("location", "l").get("name").asText());
    node.remove("location", "l");
  }

  private static List<String> exchange(String path, String lines) throws Exception {
    HttpResponse<String> answer = send(post(path, SyncExchange.MEDIA_TYPE, lines));
    assertEquals(200, answer.statusCode(), answer.body());
    return answer.body().lines().toList();
  }

  private static void assertForbidden(String line) throws Exception {
    assertEquals("Forbidden", TestNode.parse(line).at("/error/kind").asText(), line);
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return node.send(request.build());
  }
}
