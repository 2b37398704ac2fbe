package org.openmrs.sync2.acceptance.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.openmrs.sync2.acceptance.Await;
import org.openmrs.sync2.acceptance.Json;

/** The module on the child, through its HTTP API. */
public final class SyncModule {

  private static final String ROOT = "sync2/";
  private static final int LIST_LIMIT = 1000;
  private static final Duration LONGEST_RUN = Duration.ofMinutes(20);
  private static final int CONFLICT = 409;

  private final OpenMrsServer child;

  public SyncModule(OpenMrsServer child) {
    this.child = child;
  }

  /** Pulls from the feed and waits for the end of the run. */
  public SyncRun pull() throws Exception {
    return synchronize(Direction.PULL);
  }

  /** Pushes what was changed at the child and waits for the end of the run. */
  public SyncRun push() throws Exception {
    return synchronize(Direction.PUSH);
  }

  /** Has everything travel this way and waits for the end of the run. */
  public SyncRun synchronize(Direction direction) throws Exception {
    return awaitEnd(start(direction));
  }

  /** Pulls one object by its name and waits for the end of the run. */
  public SyncRun pull(String category, String uuid) throws Exception {
    return awaitEnd(start(Direction.PULL, Map.of("category", category, "uuid", uuid)));
  }

  /** Pushes one object by its name and waits for the end of the run. */
  public SyncRun push(String category, String uuid) throws Exception {
    return awaitEnd(start(Direction.PUSH, Map.of("category", category, "uuid", uuid)));
  }

  /**
   * Starts a pull or push of everything, after one that is under way.
   *
   * @return the id of the run
   */
  public String start(Direction direction) throws Exception {
    return start(direction, Map.of());
  }

  private String start(Direction direction, Map<String, String> body) throws Exception {
    List<Answer> accepted = new ArrayList<>();
    Await.until(
        "a moment without a " + direction + " under way",
        LONGEST_RUN,
        () -> {
          Answer answer = child.postRest(ROOT + direction, body);
          if (answer.status() == CONFLICT) {
            return false;
          }
          return accepted.add(answer);
        });
    Answer answer = accepted.get(0);
    if (!answer.ok()) {
      throw new RefusedException("POST sync2/" + direction, answer);
    }
    return answer.json().path("id").asText();
  }

  /** Waits for the end of a run. */
  public SyncRun awaitEnd(String id) throws Exception {
    return awaitEnd(id, Await.BETWEEN_LOOKS);
  }

  /**
   * Waits for the end of a run.
   *
   * @param pause from one look at it to the next
   */
  public SyncRun awaitEnd(String id, Duration pause) throws Exception {
    AtomicReference<SyncRun> seen = new AtomicReference<>();
    Await.until(
        "the end of the run " + id,
        LONGEST_RUN,
        pause,
        () -> {
          seen.set(run(id));
          return seen.get().ended();
        });
    return seen.get();
  }

  /** The ids of the newest runs of one direction. */
  public Set<String> newestRuns(Direction direction) throws IOException {
    return list("runs?limit=" + LIST_LIMIT).stream()
        .filter(run -> run.path("direction").asText().equals(direction.toString()))
        .map(run -> run.path("id").asText())
        .collect(Collectors.toSet());
  }

  /** A run as it is now; one that has not begun yet is running. */
  public SyncRun run(String id) throws IOException {
    Answer answer = child.getRest(ROOT + "runs/" + id);
    if (answer.status() == 404) {
      return new SyncRun(Json.tree(Map.of("state", "running")));
    }
    if (!answer.ok()) {
      throw new RefusedException("GET sync2/runs/" + id, answer);
    }
    return new SyncRun(answer.json());
  }

  /** The audit messages of an object, newest first. */
  public List<JsonNode> audit(String objectUuid) throws IOException {
    String path = "audit?limit=" + LIST_LIMIT + "&objectUuid=" + objectUuid;
    return rows(path, child.read(ROOT + path).path("messages"));
  }

  /** The parked records of an object. */
  public List<JsonNode> parked(String objectUuid) throws IOException {
    return aboutObject("parked", objectUuid);
  }

  /** The uuids of the objects that are parked. */
  public Set<String> parkedObjects() throws IOException {
    Set<String> uuids = new TreeSet<>();
    all("parked").forEach(record -> uuids.add(record.path("object").path("uuid").asText()));
    return uuids;
  }

  /** The conflicts of an object. */
  public List<JsonNode> conflicts(String objectUuid) throws IOException {
    return aboutObject("conflicts", objectUuid);
  }

  private List<JsonNode> aboutObject(String list, String uuid) throws IOException {
    return all(list).stream()
        .filter(record -> record.path("object").path("uuid").asText().equals(uuid))
        .toList();
  }

  /** Page after page: a child that has long been in use has many. */
  private List<JsonNode> all(String list) throws IOException {
    List<JsonNode> found = new ArrayList<>();
    List<JsonNode> page;
    do {
      page = list(list + "?limit=" + LIST_LIMIT + "&offset=" + found.size());
      found.addAll(page);
    } while (page.size() == LIST_LIMIT);
    return found;
  }

  /** Has parked records tried again by the next pull. */
  public void retry(Collection<String> auditUuids) throws IOException {
    child.write(ROOT + "audit/retry", Map.of("uuids", auditUuids));
  }

  /** The cause that a parked record is listed under, with the others of it. */
  public JsonNode causeOf(String auditUuid) throws IOException {
    return list("parked/groups").stream()
        .filter(cause -> cause.path("auditUuids").toString().contains(auditUuid))
        .findFirst()
        .orElseThrow(() -> new IOException("no cause lists " + auditUuid));
  }

  /** Tries all parked records again that a filter lets through, and waits for the end of it. */
  public void retryAll(Map<String, String> filter) throws Exception {
    JsonNode answer = child.write(ROOT + "parked/retry", Map.of("filter", filter));
    for (JsonNode run : answer.path("runs")) {
      awaitEnd(run.path("id").asText());
    }
  }

  /** A conflict with both documents, what is in dispute, and what can be decided. */
  public JsonNode conflict(String uuid) throws IOException {
    return child.read(ROOT + "conflicts/" + uuid);
  }

  /**
   * Decides a conflict as somebody who looks at it.
   *
   * @param choice {@code ours} keeps what the child has, {@code theirs} takes what the parent has
   */
  public void resolve(String uuid, String choice) throws IOException {
    resolve(conflict(uuid), Map.of("choice", choice));
  }

  /**
   * Decides a conflict.
   *
   * @param shown what {@link #conflict} answered to the one who decides
   * @param decision the choice, and what it needs
   * @throws RefusedException when it is not taken
   */
  public void resolve(JsonNode shown, Map<String, ?> decision) throws IOException {
    Answer answer = tryToResolve(shown, decision);
    if (!answer.ok()) {
      throw new RefusedException("POST sync2/conflicts/…/resolve", answer);
    }
  }

  /** Any answer to a decision. */
  public Answer tryToResolve(JsonNode shown, Map<String, ?> decision) throws IOException {
    Map<String, Object> body = new LinkedHashMap<>(decision);
    body.put("version", shown.path("version").asText());
    body.put("reason", "acceptance");
    return child.postRest(ROOT + "conflicts/" + shown.path("uuid").asText() + "/resolve", body);
  }

  /** Decides several conflicts in one way. */
  public void resolveAll(Collection<String> uuids, String choice) throws IOException {
    child.write(
        ROOT + "conflicts/resolve",
        Map.of("uuids", uuids, "choice", choice, "reason", "acceptance"));
  }

  /** How far each feed has been worked through. */
  public JsonNode markers() throws IOException {
    return child.read(ROOT + "marker");
  }

  /** What the module is doing. */
  public JsonNode status() throws IOException {
    return child.read(ROOT + "status");
  }

  /** Tries the connection to the parent step by step. */
  public JsonNode connectionTest() throws IOException {
    return child.write(ROOT + "connection-test", Map.of());
  }

  /** The configuration with a mark in the place of the password. */
  public JsonNode configuration() throws IOException {
    return child.read(ROOT + "config");
  }

  /** Replaces the configuration. */
  public void configure(Object document) throws IOException {
    child.write(ROOT + "config", document);
  }

  /** Lists are arrays. */
  private List<JsonNode> list(String path) throws IOException {
    return rows(path, child.read(ROOT + path));
  }

  private static List<JsonNode> rows(String path, JsonNode records) throws IOException {
    if (!(records instanceof ArrayNode)) {
      throw new IOException("GET sync2/" + path + " is no list: " + records);
    }
    return StreamSupport.stream(records.spliterator(), false).toList();
  }
}
