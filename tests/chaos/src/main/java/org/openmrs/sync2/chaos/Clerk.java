package org.openmrs.sync2.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.openmrs.sync2.chaos.Http.Answer;
import org.openmrs.sync2.chaos.Item.Write;
import org.openmrs.sync2.chaos.Step.Deed;

/**
 * People who write at nodes, and keep of each write that a node acknowledged what they saw there. A
 * write whose answer did not come is settled later: by what the node has when it runs again.
 */
final class Clerk {

  private static final int GONE = 410;
  private static final int CONFLICT = 409;
  private static final int PRECONDITION_FAILED = 412;

  /** How often an edit is done again because somebody else wrote in between. */
  private static final int MOST_TRIES = 50;

  private static final String LEFT_OUT = "left out";

  private final Lab lab;
  private final String schedule;
  private final List<Item> items = new ArrayList<>();
  private final List<Unknown> unknown = new ArrayList<>();
  private int written;

  /** A write of which nobody knows whether it took place. */
  private record Unknown(Item item, Write write) {}

  Clerk(Lab lab, Schedule schedule) {
    this.lab = lab;
    this.schedule = "s" + schedule.seed();
    for (Kind kind : schedule.kinds()) {
      items.add(new Item(kind, this.schedule + "-o" + items.size()));
    }
  }

  List<Item> items() {
    return items;
  }

  /** Does it; what became of it, for people. */
  String write(Step.Write step) throws IOException {
    Item item = items.get(step.object());
    if (!lab.node(step.node()).isAlive()) {
      return LEFT_OUT;
    }
    String field = item.kind().fields().get(step.field());
    return switch (step.deed()) {
      case CREATE -> create(step.node(), item);
      case EDIT -> edit(step.node(), item, field, values -> newValue(field));
      case UNDO -> undo(step.node(), item);
      case REMOVE -> remove(step.node(), item);
      case RESTORE -> bringBack(step.node(), Deed.RESTORE, item, newValues(item.kind()));
      case UNREMOVE -> unremove(step.node(), item);
      case DECIDE -> LEFT_OUT;
    };
  }

  private String create(String node, Item item) {
    Write write = new Write(node, Deed.CREATE, Map.of(), newValues(item.kind()));
    return put(item, write);
  }

  private String put(Item item, Write write) {
    ObjectNode document = item.kind().document(item.id(), items.get(0).id(), write.written());
    Answer answer = node(write.node()).http().put(item.kind().path(item.id()), document);
    return settle(item, write, answer);
  }

  private String undo(String node, Item item) throws IOException {
    Write last = item.lastEdit(node);
    if (last == null) {
      return LEFT_OUT;
    }
    String field = last.written().keySet().iterator().next();
    String after = last.written().get(field);
    String before = last.replaced().get(field);
    return edit(node, item, field, value -> value.equals(after) ? before : null);
  }

  /**
   * @param next the value for the one that is there; null when it is not to be edited any more
   */
  private String edit(String node, Item item, String field, UnaryOperator<String> next)
      throws IOException {
    for (int tried = 0; tried < MOST_TRIES; tried++) {
      Answer seen = node(node).http().get(item.kind().path(item.id()));
      if (!seen.isDone()) {
        return LEFT_OUT + ", it is not there: " + seen.status();
      }
      ObjectNode document = (ObjectNode) seen.body();
      String before = item.kind().values(document).get(field);
      String after = next.apply(before);
      if (after == null) {
        return LEFT_OUT;
      }
      long version = document.at("/meta/versionId").asLong();
      Kind.write(document, field, after);
      Answer answer = node(node).http().replace(item.kind().path(item.id()), document, version);
      if (answer.status() != CONFLICT && answer.status() != PRECONDITION_FAILED) {
        boolean isBack = item.writes().stream().anyMatch(w -> after.equals(w.written().get(field)));
        Deed deed = isBack ? Deed.UNDO : Deed.EDIT;
        return settle(
            item, new Write(node, deed, Map.of(field, before), Map.of(field, after)), answer);
      }
    }
    throw new IOException(item + " at " + node + " is never left alone");
  }

  /** Nothing else may be under way at the node: a removal does not say of which version it is. */
  private String remove(String node, Item item) {
    Answer seen = node(node).http().get(item.kind().path(item.id()));
    if (!seen.isDone()) {
      return LEFT_OUT + ", it is not there: " + seen.status();
    }
    Write write = new Write(node, Deed.REMOVE, item.kind().values(seen.body()), Map.of());
    return settle(item, write, node(node).http().delete(item.kind().path(item.id())));
  }

  private String unremove(String node, Item item) {
    Write removal = item.lastRemoval(node);
    return removal == null ? LEFT_OUT : bringBack(node, Deed.UNREMOVE, item, removal.replaced());
  }

  private String bringBack(String node, Deed deed, Item item, Map<String, String> values) {
    int status = node(node).http().get(item.kind().path(item.id())).status();
    return status == GONE
        ? put(item, new Write(node, deed, Map.of(), values))
        : LEFT_OUT + ", it is not removed: " + status;
  }

  /** Decides a conflict of content as a whole. */
  String decide(Step.Decide step) throws IOException {
    Item item = items.get(step.object());
    Node node = node(step.node());
    if (!node.isAlive()) {
      return LEFT_OUT;
    }
    for (JsonNode conflict : node.read("conflicts?limit=1000")) {
      boolean isMeant =
          conflict.at("/object/uuid").asText().equals(item.id())
              && conflict.path("childNode").isNull()
              && conflict.path("kind").asText().equals("CONTENT");
      if (isMeant) {
        return decide(step, item, node.read("conflicts/" + conflict.get("uuid").asText()));
      }
    }
    return LEFT_OUT;
  }

  private String decide(Step.Decide step, Item item, JsonNode conflict) {
    Map<String, String> ours = item.kind().values(conflict.get("ours"));
    Map<String, String> theirs = item.kind().values(conflict.get("theirs"));
    Map<String, String> chosen = step.choice().equals("ours") ? ours : theirs;
    Map<String, String> left = step.choice().equals("ours") ? theirs : ours;
    Map<String, String> replaced = new TreeMap<>();
    Map<String, String> holds = new TreeMap<>();
    for (String field : item.kind().fields()) {
      if (isInDispute(conflict, field) && !ours.get(field).equals(theirs.get(field))) {
        replaced.put(field, left.get(field));
        holds.put(field, chosen.get(field));
      }
    }
    ObjectNode decision = Http.MAPPER.createObjectNode();
    decision.put("choice", step.choice()).put("reason", "chaos");
    decision.set("version", conflict.get("version"));
    String command = "conflicts/" + conflict.get("uuid").asText() + "/resolve";
    Answer answer = node(step.node()).http().command(command, decision);
    return settle(item, new Write(step.node(), Deed.DECIDE, replaced, holds), answer);
  }

  private static boolean isInDispute(JsonNode conflict, String field) {
    String top = field.split("/")[1];
    for (JsonNode difference : conflict.path("differences")) {
      if (difference.path("path").asText().split("[.\\[]")[0].equals(top)) {
        return true;
      }
    }
    return false;
  }

  private String settle(Item item, Write write, Answer answer) {
    if (answer.isDone()) {
      acknowledge(item, write);
      return "saved";
    }
    if (answer.isRefused()) {
      item.tell(write.node() + " refused " + write.deed() + ": " + answer.status());
      return "refused: " + answer.status() + " " + answer.body();
    }
    item.tell(write.node() + " did not answer " + write.deed() + ": " + write.written());
    unknown.add(new Unknown(item, write));
    return "not known: " + answer.status();
  }

  private void acknowledge(Item item, Write write) {
    item.acknowledged(write);
    lab.figures().count("write " + write.deed());
  }

  /** Finds out what became of the writes at a node that runs again. */
  void settleUnknown(String node) {
    for (Unknown open : List.copyOf(unknown)) {
      if (open.write().node().equals(node)) {
        unknown.remove(open);
        if (hasTakenPlace(open)) {
          acknowledge(open.item(), open.write());
        }
      }
    }
  }

  private boolean hasTakenPlace(Unknown open) {
    Answer here = node(open.write().node()).http().get(open.item().kind().path(open.item().id()));
    return hasTakenPlace(open.item(), open.write(), here);
  }

  private static boolean hasTakenPlace(Item item, Write write, Answer here) {
    if (write.deed() == Deed.REMOVE) {
      return here.status() == GONE;
    }
    return here.isDone()
        && item.kind().values(here.body()).entrySet().containsAll(write.written().entrySet());
  }

  /** How many writes of each object there are, in the order of the objects. */
  List<Integer> writesSoFar() {
    return items.stream().map(item -> item.writes().size()).toList();
  }

  /**
   * A node goes on with an older database. What was written there since, and has not come to
   * another node, is lost.
   *
   * @param before how many writes of each object that database may have; of others none
   */
  void loseWrites(String node, List<Integer> before) {
    for (int object = 0; object < items.size(); object++) {
      Item item = items.get(object);
      int kept = object < before.size() ? before.get(object) : 0;
      List<Write> since = item.writes().subList(kept, item.writes().size());
      if (since.stream().anyMatch(it -> it.node().equals(node) && !isElsewhere(item, it))) {
        item.becomeUncertain(node + " went on with an older database, without what it had alone");
      }
    }
  }

  private boolean isElsewhere(Item item, Write write) {
    for (String other : lab.topology().nodes()) {
      if (!other.equals(write.node()) && node(other).isAlive()) {
        Answer there = node(other).http().get(item.kind().path(item.id()));
        if (hasTakenPlace(item, write, there)) {
          return true;
        }
      }
    }
    return false;
  }

  private Node node(String name) {
    return lab.node(name);
  }

  private Map<String, String> newValues(Kind kind) {
    Map<String, String> values = new TreeMap<>();
    kind.fields().forEach(field -> values.put(field, newValue(field)));
    return values;
  }

  private String newValue(String field) {
    written++;
    return Kind.value(field, schedule, written);
  }
}
