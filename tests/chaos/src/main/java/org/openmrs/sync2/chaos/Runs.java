package org.openmrs.sync2.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.List;
import org.openmrs.sync2.chaos.Http.Answer;

/** The runs of the children, as somebody at each starts and awaits them. */
final class Runs {

  private static final int CONFLICT = 409;

  private final Lab lab;

  /** Those that are under way. */
  private final List<Going> going = new ArrayList<>();

  /** What no run may come to. */
  private final List<Problem> problems = new ArrayList<>();

  /**
   * A run that was started.
   *
   * @param failure why it was not; empty when it was
   */
  private record Going(String node, String id, String failure) {}

  /**
   * How a run ended.
   *
   * @param isComplete true if it did all there was
   * @param text for people
   */
  record Ended(boolean isComplete, String text) {}

  Runs(Lab lab) {
    this.lab = lab;
  }

  /** What no run may come to, of those that have ended. */
  List<Problem> problems() {
    return problems;
  }

  /** Starts runs of a node, after those that are under way. */
  void begin(String node, Step.Runs runs) throws Exception {
    switch (runs) {
      case PULL -> start(node, "pull");
      case PUSH -> start(node, "push");
      case BOTH -> {
        start(node, "pull");
        start(node, "push");
      }
    }
  }

  private void start(String node, String command) throws Exception {
    Http http = lab.node(node).http();
    Answer answer =
        Await.until(
            node + " to " + command,
            () -> http.command(command, JsonNodeFactory.instance.objectNode()),
            it -> it.status() != CONFLICT);
    String failure = answer.isDone() ? "" : "no " + command + ": " + answer.status();
    going.add(new Going(node, answer.body().path("id").asText(), failure));
  }

  /** Waits for the runs of a node that are under way; how they ended. */
  Ended finish(String node) throws Exception {
    StringBuilder text = new StringBuilder();
    boolean isComplete = true;
    for (Going run : List.copyOf(going)) {
      if (run.node().equals(node)) {
        going.remove(run);
        Ended ended = ended(run);
        isComplete &= ended.isComplete();
        text.append(ended.text()).append("; ");
      }
    }
    return new Ended(isComplete, text.toString());
  }

  private Ended ended(Going run) throws Exception {
    if (!run.failure().isEmpty()) {
      return new Ended(false, run.failure());
    }
    Node node = lab.node(run.node());
    Answer last =
        Await.until(
            "the end of a run of " + run.node(),
            () -> node.http().get("/ws/rest/v1/sync2/runs/" + run.id()),
            it -> it.isDone() ? !isGoing(it.body()) : !node.isAlive() || it.status() != 0);
    if (!last.isDone()) {
      return new Ended(false, "no end: " + last.status());
    }
    JsonNode it = last.body();
    String kind = it.at("/error/kind").asText();
    if (kind.equals("Internal")) {
      problems.add(new Problem(Problem.Kind.CRASHED, run.node() + ": " + it, List.of()));
    }
    if (kind.equals("NeedsBackfill") && !it.path("kind").asText().equals("backfill")) {
      return backfilled(run.node(), it);
    }
    String text = it.get("direction").asText() + " " + it.get("state").asText();
    String why = it.at("/error/message").asText();
    return new Ended(
        it.get("state").asText().equals("completed"), text + " " + it.get("counts") + why);
  }

  private static boolean isGoing(JsonNode run) {
    return run.get("state").asText().equals("running");
  }

  /** As the administrator of a child does whose parent was restored. */
  private Ended backfilled(String node, JsonNode run) throws Exception {
    if (!lab.wasRestored()) {
      problems.add(
          new Problem(
              Problem.Kind.STUCK,
              node + " wants a backfill, and nothing was restored: " + run,
              List.of()));
      return new Ended(false, "NeedsBackfill");
    }
    lab.figures().count("backfill");
    start(node, "backfill");
    return new Ended(false, "NeedsBackfill; backfill: " + finish(node).text());
  }

  /** Runs to their end. */
  Ended run(String node, Step.Runs runs) throws Exception {
    finish(node);
    begin(node, runs);
    return finish(node);
  }

  /** Forgets those of a node that was killed. */
  void forget(String node) {
    going.removeIf(run -> run.node().equals(node));
  }
}
