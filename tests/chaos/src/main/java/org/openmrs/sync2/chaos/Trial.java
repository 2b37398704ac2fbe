package org.openmrs.sync2.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** One schedule, carried out in a lab, and judged at its end. */
final class Trial {

  /** How often all is synchronized before it has to be quiet. */
  private static final int MOST_ROUNDS = 16;

  /** From this round on somebody asks for what is parked. */
  private static final int ROUNDS_WITHOUT_HELP = 8;

  private final Lab lab;
  private final Schedule schedule;
  private final Clerk clerk;
  private final Runs runs;
  private final List<String> told = new ArrayList<>();
  private final List<Problem> problems = new ArrayList<>();

  /** How many writes of each object there were when a node's database was copied. */
  private final Map<String, List<Integer>> copied = new HashMap<>();

  /** The nodes whose disk is full. */
  private final Set<String> full = new HashSet<>();

  Trial(Lab lab, Schedule schedule) {
    this.lab = lab;
    this.schedule = schedule;
    this.clerk = new Clerk(lab, schedule);
    this.runs = new Runs(lab);
  }

  /** Carries it out, and returns what is wrong at its end. */
  List<Problem> carryOut() throws Exception {
    for (Step step : schedule.steps()) {
      told.add(step + ": " + take(step));
    }
    recoverAll();
    if (!schedule.arrivesLast()) {
      releaseAll();
    }
    becomeQuiet();
    if (schedule.arrivesLast() && releaseAll() > 0) {
      becomeQuiet();
    }
    judge();
    problems.addAll(runs.problems());
    return problems;
  }

  /** What was done, for people. */
  String told() {
    return String.join("\n", told);
  }

  private String take(Step step) throws Exception {
    if (step instanceof Step.Write write) {
      return write(write);
    } else if (step instanceof Step.Decide decide) {
      return clerk.decide(decide);
    } else if (step instanceof Step.Run run) {
      return run(run.node(), run.runs());
    } else if (step instanceof Step.Begin begin) {
      return begin(begin.node(), begin.runs());
    } else if (step instanceof Step.Finish finish) {
      return runs.finish(finish.node()).text();
    } else if (step instanceof Step.Release release) {
      return lab.line(release.node()).release() + " requests";
    } else {
      disturb(step);
      return "done";
    }
  }

  private void disturb(Step step) throws Exception {
    if (step instanceof Step.Arm arm) {
      lab.line(arm.node()).arm(arm.fault());
    } else if (step instanceof Step.Heal heal) {
      lab.line(heal.node()).heal();
    } else if (step instanceof Step.Recover recover) {
      recover(recover.node());
    } else if (step instanceof Step.Kill kill) {
      kill(kill.node());
    } else if (step instanceof Step.Copy copy) {
      lab.node(copy.node()).copyDatabase(lab.copyOf(copy.node()));
      copied.put(copy.node(), clerk.writesSoFar());
    } else if (step instanceof Step.Restore restore) {
      restore(restore);
    } else if (step instanceof Step.FillDisk fill) {
      lab.figures().count("fault FILL_DISK");
      lab.node(fill.node()).fillDisk();
      full.add(fill.node());
    } else if (step instanceof Step.SetClock set && Node.hasClock()) {
      lab.figures().count("fault SET_CLOCK");
      lab.node(set.node()).setClock(set.seconds());
    }
  }

  private String write(Step.Write step) throws Exception {
    if (step.deed() != Step.Deed.EDIT) {
      // A removal does not say which version it saw: nothing may write there meanwhile.
      for (String child : schedule.topology().children()) {
        runs.finish(child);
      }
    }
    return clerk.write(step);
  }

  private String run(String node, Step.Runs which) throws Exception {
    return lab.node(node).isAlive() ? runs.run(node, which).text() : "left out";
  }

  private String begin(String node, Step.Runs which) throws Exception {
    if (!lab.node(node).isAlive()) {
      return "left out";
    }
    runs.finish(node);
    runs.begin(node, which);
    return "begun";
  }

  private void kill(String node) {
    if (lab.node(node).isAlive()) {
      lab.figures().count("fault KILL");
      lab.node(node).kill();
    }
    runs.forget(node);
  }

  /** After this it runs, and answers. */
  private void recover(String name) throws Exception {
    Node node = lab.node(name);
    if (full.remove(name)) {
      // As an administrator does: storage may have closed itself.
      node.kill();
    }
    if (node.isAlive()) {
      node.thaw();
    } else {
      runs.forget(name);
      node.start();
    }
    clerk.settleUnknown(name);
  }

  private void restore(Step.Restore step) throws Exception {
    lab.figures().count(step.node().equals(step.copied()) ? "fault RESTORE" : "fault CLONE");
    for (String child : schedule.topology().children()) {
      runs.finish(child);
    }
    boolean isOwn = step.node().equals(step.copied());
    Node node = lab.node(step.node());
    node.kill();
    runs.forget(step.node());
    node.takeDatabase(lab.copyOf(step.copied()));
    lab.noteRestored();
    clerk.loseWrites(step.node(), isOwn ? copied.get(step.node()) : List.of());
    node.start();
    if (!isOwn) {
      ObjectNode choice = Http.MAPPER.createObjectNode().put("choice", "renew");
      node.http().command("node", choice).required();
    }
  }

  private void recoverAll() throws Exception {
    schedule.topology().children().forEach(child -> lab.line(child).heal());
    for (String node : schedule.topology().nodes()) {
      if (!lab.node(node).isAlive() || full.contains(node)) {
        recover(node);
      }
    }
    for (String child : schedule.topology().children()) {
      runs.finish(child);
    }
  }

  private int releaseAll() {
    int released = 0;
    for (String child : schedule.topology().children()) {
      released += lab.line(child).release();
    }
    told.add("what lines held arrives: " + released + " requests");
    return released;
  }

  /** Synchronizes until nothing changes any more, as schedules of children do. */
  private void becomeQuiet() throws Exception {
    String before = "";
    for (int round = 1; round <= MOST_ROUNDS; round++) {
      boolean isComplete = synchronizeAll();
      String after = state();
      int parked = parked();
      if (isComplete && parked == 0 && after.equals(before)) {
        told.add("quiet after round " + round);
        return;
      }
      if (round > ROUNDS_WITHOUT_HELP && parked > 0) {
        askForParked();
      }
      before = after;
    }
    problems.add(
        new Problem(Problem.Kind.STUCK, "it does not become quiet: " + parkedText(), List.of()));
  }

  private boolean synchronizeAll() throws Exception {
    boolean isComplete = true;
    for (String child : schedule.topology().children()) {
      Runs.Ended pull = runs.run(child, Step.Runs.PULL);
      Runs.Ended push = runs.run(child, Step.Runs.PUSH);
      told.add(child + ": " + pull.text() + push.text());
      isComplete &= pull.isComplete() && push.isComplete();
    }
    return isComplete;
  }

  private int parked() throws IOException {
    int parked = 0;
    for (String child : schedule.topology().children()) {
      parked += lab.node(child).read("parked?limit=1000").size();
    }
    return parked;
  }

  private String parkedText() throws IOException {
    StringBuilder text = new StringBuilder();
    for (String child : schedule.topology().children()) {
      text.append(child).append(" ").append(lab.node(child).read("parked?limit=1000")).append(" ");
    }
    return text.toString();
  }

  private void askForParked() throws IOException {
    lab.figures().count("help with parked records");
    ObjectNode all = Http.MAPPER.createObjectNode();
    all.set("filter", JsonNodeFactory.instance.objectNode());
    for (String child : schedule.topology().children()) {
      lab.node(child).http().command("parked/retry", all).required();
    }
  }

  /** What may not change any more. */
  private String state() throws IOException {
    StringBuilder state = new StringBuilder();
    for (String name : schedule.topology().nodes()) {
      Node node = lab.node(name);
      for (Kind kind : Kind.values()) {
        node.objects(kind)
            .forEach(
                (id, documents) ->
                    documents.forEach(
                        it -> state.append(id).append(it.at("/meta/versionId").asText(" "))));
      }
      for (JsonNode conflict : node.read("conflicts?limit=1000")) {
        state.append(conflict.get("uuid")).append(conflict.get("oursHash"));
        state.append(conflict.get("theirsHash"));
      }
    }
    return state.toString();
  }

  private void judge() throws IOException {
    Map<String, Map<String, List<ObjectNode>>> found = new TreeMap<>();
    Map<String, JsonNode> conflicts = new TreeMap<>();
    for (String name : schedule.topology().nodes()) {
      found.put(name, new TreeMap<>());
      for (Kind kind : Kind.values()) {
        found.get(name).putAll(lab.node(name).objects(kind));
      }
      conflicts.put(name, lab.node(name).read("conflicts?limit=1000"));
      judgeProcess(lab.node(name));
    }
    for (Item item : clerk.items()) {
      judge(item, found, conflicts);
    }
    found.forEach((name, objects) -> objects.forEach((id, all) -> judgeNumber(name, id, all)));
  }

  private void judgeProcess(Node node) {
    if (!node.isAlive()) {
      problems.add(new Problem(Problem.Kind.CRASHED, node.name() + " has ended", List.of()));
    }
    node.crashes()
        .forEach(what -> problems.add(new Problem(Problem.Kind.CRASHED, what, List.of())));
  }

  private void judge(
      Item item, Map<String, Map<String, List<ObjectNode>>> found, Map<String, JsonNode> conflicts)
      throws IOException {
    Map<String, Item.Shown> shown = new TreeMap<>();
    found.forEach(
        (name, objects) ->
            objects
                .getOrDefault(item.id(), List.of())
                .forEach(it -> shown.put(name, shown(item.kind(), it))));
    List<Item.Conflict> open = conflictsOf(item, conflicts);
    problems.addAll(item.judge(shown, schedule.topology().parents(), open));
    if (!open.isEmpty()) {
      lab.figures().count("object in conflict at the end");
    }
    if (item.isUncertain()) {
      lab.figures().count("object with writes that went with a database");
    }
    if (item.isNeedless(open)) {
      lab.figures().count("conflict though nothing is in dispute");
      told.add("a conflict of " + item + " though nothing is in dispute: " + open);
    }
  }

  private static Item.Shown shown(Kind kind, ObjectNode document) {
    return new Item.Shown(kind.values(document), document.at("/meta/versionId").asLong());
  }

  private List<Item.Conflict> conflictsOf(Item item, Map<String, JsonNode> conflicts)
      throws IOException {
    List<Item.Conflict> found = new ArrayList<>();
    for (Map.Entry<String, JsonNode> at : conflicts.entrySet()) {
      for (JsonNode conflict : at.getValue()) {
        if (conflict.at("/object/uuid").asText().equals(item.id())) {
          String uuid = conflict.get("uuid").asText();
          JsonNode whole = lab.node(at.getKey()).read("conflicts/" + uuid);
          String child = conflict.path("childNode").asText("");
          found.add(conflict(item.kind(), at.getKey(), child.equals("null") ? "" : child, whole));
        }
      }
    }
    return found;
  }

  private static Item.Conflict conflict(Kind kind, String node, String child, JsonNode whole) {
    return new Item.Conflict(
        node, child, side(kind, whole.get("ours")), side(kind, whole.get("theirs")));
  }

  private static Map<String, String> side(Kind kind, JsonNode document) {
    return document.isNull() ? Map.of() : kind.values(document);
  }

  /** Nothing is there twice, and nothing that nobody created. */
  private void judgeNumber(String node, String id, List<ObjectNode> all) {
    boolean isOurs = id.startsWith("s" + schedule.seed() + "-");
    boolean isKnown = clerk.items().stream().anyMatch(item -> item.id().equals(id));
    if (all.size() > 1 || (isOurs && !isKnown)) {
      String what = node + " has " + id + " " + all.size() + " times";
      problems.add(new Problem(Problem.Kind.DOUBLED, what, List.of()));
    }
  }
}
