package org.openmrs.sync2.system;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.xml.parsers.DocumentBuilderFactory;
import org.openmrs.sync2.node.demo.DemoParts.Account;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** A node over HTTP: its objects, its feed and its sync API. Shares nothing with the engine. */
final class NodeHttp {

  /** What the made-up data has: categories, and where a node lists their objects. */
  static final Map<String, String> LISTS =
      new TreeMap<>(
          Map.of(
              "encounter_type", "/ws/rest/v1/encountertype?v=full&limit=500",
              "visittype", "/ws/rest/v1/visittype?v=full&limit=500",
              "patient_identifier_type", "/ws/rest/v1/patientidentifiertype?v=full&limit=500",
              "organization", "/ws/fhir2/R4/Organization?_count=500",
              "location", "/ws/fhir2/R4/Location?_count=500",
              "provider", "/ws/fhir2/R4/Practitioner?_count=500",
              "patient", "/ws/fhir2/R4/Patient?_count=500",
              "encounter", "/ws/fhir2/R4/Encounter?_count=500",
              "condition", "/ws/fhir2/R4/Condition?_count=500",
              "observation", "/ws/fhir2/R4/Observation?_count=500"));

  static final ObjectMapper MAPPER = new ObjectMapper();

  private final URI base;
  private final String authorization;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .cookieHandler(new CookieManager())
          .build();

  NodeHttp(URI base, Account account) {
    this.base = base;
    byte[] credentials =
        (account.username() + ":" + account.password()).getBytes(StandardCharsets.UTF_8);
    this.authorization = "Basic " + Base64.getEncoder().encodeToString(credentials);
  }

  /** The document behind a path. */
  JsonNode get(String path) throws IOException, InterruptedException {
    return MAPPER.readTree(send(request(URI.create(base + path)).build()));
  }

  /** Replaces a FHIR resource. HAPI answers 409 when two writers touch one: it is sent again. */
  void put(ObjectNode resource) throws IOException, InterruptedException {
    HttpRequest request =
        request(URI.create(base + fhirPath(resource)))
            .header("Content-Type", "application/fhir+json")
            .PUT(BodyPublishers.ofString(resource.toString()))
            .build();
    HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
    while (answer.statusCode() == 409) {
      answer = http.send(request, BodyHandlers.ofString());
    }
    requireSuccess(request, answer);
  }

  /** Removes a FHIR resource. */
  void remove(ObjectNode resource) throws IOException, InterruptedException {
    send(request(URI.create(base + fhirPath(resource))).DELETE().build());
  }

  /** Gives the sync API a command without details; its answer. */
  JsonNode command(String name) throws IOException, InterruptedException {
    HttpRequest request =
        request(URI.create(base + "/ws/rest/v1/sync2/" + name))
            .header("Content-Type", "application/json")
            .header("X-Sync2", "1")
            .POST(BodyPublishers.ofString("{}"))
            .build();
    return MAPPER.readTree(send(request));
  }

  /** Starts a run, and waits until it has ended; the run. */
  JsonNode run(String direction) throws Exception {
    String id = command(direction).get("id").asText();
    return Await.until(
        "the end of a " + direction,
        () -> get("/ws/rest/v1/sync2/runs/" + id),
        run -> !run.get("state").asText().equals("running"));
  }

  /** Where a node has a FHIR resource. */
  static String fhirPath(JsonNode resource) {
    String type = resource.get("resourceType").asText();
    return "/ws/fhir2/R4/" + type + "/" + resource.get("id").asText();
  }

  /** All objects of a category by uuid. */
  Map<String, ObjectNode> objects(String category) throws IOException, InterruptedException {
    Map<String, ObjectNode> objects = new TreeMap<>();
    for (URI page = URI.create(base + LISTS.get(category)); page != null; ) {
      JsonNode answer = MAPPER.readTree(send(request(page).build()));
      answer.path("entry").forEach(entry -> add(objects, "id", entry.get("resource")));
      answer.path("results").forEach(found -> add(objects, "uuid", found));
      page = link(answer);
    }
    return objects;
  }

  private static void add(Map<String, ObjectNode> objects, String id, JsonNode object) {
    if (objects.put(object.get(id).asText(), (ObjectNode) object) != null) {
      throw new AssertionError("listed twice: " + object.get(id));
    }
  }

  private static URI link(JsonNode answer) {
    for (JsonNode link : answer.path("link")) {
      if (link.path("relation").asText().equals("next")) {
        return URI.create(link.get("url").asText());
      }
    }
    for (JsonNode link : answer.path("links")) {
      if (link.path("rel").asText().equals("next")) {
        return URI.create(link.get("uri").asText());
      }
    }
    return null;
  }

  /** The ids of all events of a category, in the order of its feed. */
  List<String> eventIds(String category) throws Exception {
    get("/ws/rest/v1/session"); // The feed lets in sessions only.
    return eventIdsFrom(base + "/ws/atomfeed/" + category + "/1");
  }

  /** The ids of all events of the node's own feed, in its order. */
  List<String> ownEventIds() throws Exception {
    return eventIdsFrom(base + "/ws/rest/v1/sync2/feed/1").stream()
        .map(id -> id.replace("urn:uuid:", ""))
        .toList();
  }

  private List<String> eventIdsFrom(String firstPage) throws Exception {
    List<String> ids = new ArrayList<>();
    String page = firstPage;
    while (page != null) {
      byte[] feed = send(request(URI.create(page)).build()).getBytes(StandardCharsets.UTF_8);
      Document document =
          DocumentBuilderFactory.newInstance()
              .newDocumentBuilder()
              .parse(new ByteArrayInputStream(feed));
      NodeList entries = document.getElementsByTagName("entry");
      for (int i = 0; i < entries.getLength(); i++) {
        Element entry = (Element) entries.item(i);
        ids.add(entry.getElementsByTagName("id").item(0).getTextContent());
      }
      page = nextArchive(document);
    }
    return ids;
  }

  private static String nextArchive(Document feed) {
    NodeList links = feed.getElementsByTagName("link");
    for (int i = 0; i < links.getLength(); i++) {
      Element link = (Element) links.item(i);
      if (link.getAttribute("rel").equals("next-archive")) {
        return link.getAttribute("href");
      }
    }
    return null;
  }

  /** Whether a category lists an object. */
  boolean has(String category, String uuid) throws IOException, InterruptedException {
    String path = LISTS.get(category) + "&_id=" + uuid + "&_elements=id";
    return get(path).path("entry").size() > 0;
  }

  /** How many events the markers of a child have passed. */
  long passedEvents() throws IOException, InterruptedException {
    long events = 0;
    for (JsonNode marker : get("/ws/rest/v1/sync2/marker")) {
      events += marker.get("events").asLong();
    }
    return events;
  }

  /** The run that began last; a missing node before the first one. */
  JsonNode newestRun() throws IOException, InterruptedException {
    return get("/ws/rest/v1/sync2/runs?limit=1").path(0);
  }

  /** How many runs were killed in their middle: the next one finds and marks such a run. */
  long interruptedRunsWithEvents() throws IOException, InterruptedException {
    long runs = 0;
    for (JsonNode run : get("/ws/rest/v1/sync2/runs?limit=1000")) {
      boolean interrupted = run.get("state").asText().equals("interrupted");
      runs += interrupted && run.get("events").asLong() > 0 ? 1 : 0;
    }
    return runs;
  }

  /** The whole audit of a child that is not pulling anything new, the newest message first. */
  List<JsonNode> auditMessages() throws IOException, InterruptedException {
    List<JsonNode> messages = new ArrayList<>();
    String place = "";
    do {
      JsonNode found = get("/ws/rest/v1/sync2/audit?limit=1000&after=" + place);
      found.get("messages").forEach(messages::add);
      place = found.path("next").asText("");
    } while (!place.isEmpty());
    return messages;
  }

  private HttpRequest.Builder request(URI uri) {
    return HttpRequest.newBuilder(uri)
        .header("Authorization", authorization)
        .header("Cache-Control", "no-cache");
  }

  private String send(HttpRequest request) throws IOException, InterruptedException {
    HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
    requireSuccess(request, answer);
    return answer.body();
  }

  private static void requireSuccess(HttpRequest request, HttpResponse<String> answer)
      throws IOException {
    if (answer.statusCode() / 100 != 2) {
      throw new IOException(
          request.method() + " " + request.uri() + ": " + answer.statusCode() + answer.body());
    }
  }
}
