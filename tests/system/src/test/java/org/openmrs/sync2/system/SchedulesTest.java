package org.openmrs.sync2.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What {@code tests/model} does with engines, on two standalone nodes, each a process of its own:
 * random edits and removals on both sides, pulls and pushes in random order, a parent that is away,
 * and {@code kill -9}. Each schedule follows from its number and has patients of its own. At its
 * end both nodes are synchronized until nothing changes any more, and judged by a {@link
 * PlainModel}.
 */
class SchedulesTest {

  private static final int STEPS = 14;

  /** How often all is synchronized before it has to be quiet. */
  private static final int MOST_ROUNDS = 12;

  @TempDir static Path directory;

  private static NodeProcess parent;
  private static NodeProcess child;

  private Random random;
  private PlainModel model;
  private final List<String> told = new ArrayList<>();
  private int written;

  @BeforeAll
  static void start() throws Exception {
    parent = NodeProcess.root("schedules-parent", directory);
    child = NodeProcess.waitingChild("schedules-child", directory, parent.url());
  }

  @AfterAll
  static void stop() {
    for (NodeProcess node : new NodeProcess[] {child, parent}) {
      if (node != null) {
        node.close();
      }
    }
  }

  /**
   * In every third one the parent is killed, and is away for some steps; in every third the child.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void bothNodesEndEqualOrInAConflictThatNamesWhatIsInDispute(long number) throws Exception {
    random = new Random(number);
    model = new PlainModel();
    int killed = 2 + random.nextInt(STEPS - 4);
    for (int step = 0; step < STEPS; step++) {
      if (step == killed && number % 3 == 1) {
        workWhileTheParentIsAway();
      } else if (step == killed && number % 3 == 2) {
        killTheChildInARun();
      } else {
        takeStep();
      }
    }
    becomeQuiet();
    assertEquals(List.of(), wrong(), () -> String.join("\n", told));
    assertSilent();
  }

  private void takeStep() throws Exception {
    NodeProcess node = random.nextBoolean() ? parent : child;
    switch (random.nextInt(8)) {
      case 0 -> register(node);
      case 1, 2, 3 -> edit(node);
      case 4 -> remove(node);
      case 5, 6 -> synchronize("pull");
      default -> synchronize("push");
    }
  }

  private void register(NodeProcess node) throws Exception {
    ObjectNode patient = NodeHttp.MAPPER.createObjectNode();
    patient.put("resourceType", "Patient").put("id", UUID.randomUUID().toString());
    PlainModel.FIELDS.forEach(field -> write(patient, field, newText(field)));
    node.http().put(patient);
    model.registered(patient);
    tell(node, "registers", patient);
  }

  private void edit(NodeProcess node) throws Exception {
    List<ObjectNode> patients = patients(node);
    if (patients.isEmpty()) {
      register(node);
      return;
    }
    ObjectNode before = patients.get(random.nextInt(patients.size()));
    ObjectNode after = before.deepCopy();
    String field = PlainModel.FIELDS.get(random.nextInt(PlainModel.FIELDS.size()));
    String text = newText(field);
    write(after, field, text);
    node.http().put(after);
    model.edited(before, field, text);
    tell(node, "edits", after);
  }

  private void remove(NodeProcess node) throws Exception {
    List<ObjectNode> patients = patients(node);
    if (!patients.isEmpty()) {
      ObjectNode patient = patients.get(random.nextInt(patients.size()));
      node.http().remove(patient);
      model.removed(patient);
      tell(node, "removes", patient);
    }
  }

  private void synchronize(String direction) throws Exception {
    JsonNode run = child.http().run(direction);
    told.add(direction + ": " + run.get("state") + " " + run.get("counts"));
    assertEquals("completed", run.get("state").asText(), run::toString);
  }

  /** Whatever is done meanwhile arrives later. */
  private void workWhileTheParentIsAway() throws Exception {
    register(child);
    parent.kill();
    for (int step = 0; step < 3; step++) {
      edit(child);
      String direction = random.nextBoolean() ? "pull" : "push";
      JsonNode run = child.http().run(direction);
      told.add("the parent is away: " + direction + " " + run.get("state") + run.get("error"));
      // What is edited while its conflict is open need not be sent.
      if (direction.equals("pull")) {
        assertNotEquals("completed", run.get("state").asText(), run::toString);
      }
    }
    parent.start();
  }

  /** Wherever the run is when it is killed. */
  private void killTheChildInARun() throws Exception {
    edit(parent);
    edit(child);
    String direction = random.nextBoolean() ? "pull" : "push";
    child.http().command(direction);
    child.kill();
    told.add("the child is killed in a " + direction);
    child.start();
    edit(child);
  }

  private void becomeQuiet() throws Exception {
    Map<String, Object> before = state();
    for (int round = 0; round < MOST_ROUNDS; round++) {
      awaitNothingIsParked();
      synchronize("pull");
      synchronize("push");
      Map<String, Object> after = state();
      if (after.equals(before)) {
        return;
      }
      before = after;
    }
    throw new AssertionError("it does not become quiet\n" + String.join("\n", told));
  }

  /** What is tried again later is tried until it is done. */
  private void awaitNothingIsParked() throws Exception {
    Await.until(
        "nothing to be parked",
        () -> {
          JsonNode parked = child.http().get("/ws/rest/v1/sync2/parked");
          if (!parked.isEmpty()) {
            synchronize("pull");
            synchronize("push");
          }
          return parked;
        },
        JsonNode::isEmpty);
  }

  private Map<String, Object> state() throws Exception {
    Map<String, Object> state = new HashMap<>();
    for (NodeProcess node : List.of(parent, child)) {
      for (ObjectNode patient : patients(node)) {
        List<String> texts = new ArrayList<>();
        PlainModel.FIELDS.forEach(field -> texts.add(PlainModel.text(patient, field)));
        state.put(node.url() + patient.get("id").asText(), texts);
      }
    }
    state.put("conflicts", conflicts().keySet());
    return state;
  }

  private List<String> wrong() throws Exception {
    Map<String, ObjectNode> here = child.http().objects("patient");
    Map<String, ObjectNode> there = parent.http().objects("patient");
    Map<String, JsonNode> conflicts = conflicts();
    List<String> wrong = new ArrayList<>();
    for (String patient : model.patients()) {
      wrong.addAll(
          model.wrong(patient, here.get(patient), there.get(patient), conflicts.get(patient)));
    }
    return wrong;
  }

  /** Those that the child met, by the uuid of the object. */
  private Map<String, JsonNode> conflicts() throws Exception {
    Map<String, JsonNode> conflicts = new HashMap<>();
    for (JsonNode conflict : child.http().get("/ws/rest/v1/sync2/conflicts?limit=1000")) {
      if (model.patients().contains(conflict.at("/object/uuid").asText())) {
        conflicts.put(conflict.at("/object/uuid").asText(), conflict);
      }
    }
    return conflicts;
  }

  /** Nothing of these patients happens any more. */
  private void assertSilent() throws Exception {
    int events = parent.http().ownEventIds().size() + child.http().ownEventIds().size();
    int messages = child.http().auditMessages().size();
    synchronize("pull");
    synchronize("push");
    assertEquals(messages, child.http().auditMessages().size(), "messages after quiet");
    assertEquals(
        events,
        parent.http().ownEventIds().size() + child.http().ownEventIds().size(),
        "events after quiet");
  }

  /** Those of this schedule that are live at a node. */
  private List<ObjectNode> patients(NodeProcess node) throws Exception {
    List<ObjectNode> patients = new ArrayList<>();
    Map<String, ObjectNode> all = node.http().objects("patient");
    for (String patient : model.patients()) {
      if (all.containsKey(patient)) {
        patients.add(all.get(patient));
      }
    }
    return patients;
  }

  private String newText(String field) {
    written++;
    boolean isDate = field.equals("/birthDate");
    return isDate ? String.format("%04d-01-01", 1900 + written) : "text " + written;
  }

  private static void write(ObjectNode patient, String field, String text) {
    String[] path = field.substring(1).split("/");
    ObjectNode at = patient;
    for (int place = 0; place < path.length - 1; place++) {
      at = at.withObject("/" + path[place]);
    }
    at.put(path[path.length - 1], text);
  }

  private void tell(NodeProcess node, String deed, ObjectNode patient) {
    told.add((node == parent ? "parent " : "child ") + deed + " " + patient);
  }
}
