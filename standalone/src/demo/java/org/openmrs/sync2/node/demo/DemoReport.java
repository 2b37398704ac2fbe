package org.openmrs.sync2.node.demo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The findings of the demo, for people and for programs.
 *
 * @param pull what the pulls did before anything was edited
 * @param push what came after the edits; empty when nothing was pushed
 * @param conflict that was met and decided; empty when none was to be
 * @param levels what came of edits at each of three nodes; empty when there are two
 */
record DemoReport(
    LeftOut leftOut,
    PullResult pull,
    Optional<PushResult> push,
    Optional<DecidedConflict> conflict,
    Optional<LevelsResult> levels,
    List<KindComparison> kinds) {

  /** Returns true if every object is the same on both sides and nothing is left to do. */
  boolean isEqual() {
    return compared() > 0
        && different() == 0
        && parked() == 0
        && pull.failure().isEmpty()
        && push.stream().allMatch(PushResult::isCompleteAndSilent)
        && conflict.stream().allMatch(DecidedConflict::isResolved)
        && levels.stream().allMatch(LevelsResult::isComplete);
  }

  private long parked() {
    return push.map(PushResult::parked).orElse(pull.parked());
  }

  private int compared() {
    return kinds.stream().mapToInt(KindComparison::compared).sum();
  }

  private int different() {
    return kinds.stream().mapToInt(KindComparison::unequal).sum();
  }

  /**
   * One line of JSON. {@code events}, {@code counts} and the times are of the pull before the
   * edits, {@code pushed} are the counts of the push. {@code different} counts what is missing or
   * extra too; {@code equal} is false as well when a record is parked, a run did not complete, the
   * network is not {@code silent}, the conflict is not resolved, or an edit is not at each of the
   * {@code levels}.
   */
  String json() {
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.put("events", pull.events());
    json.set("counts", Json.MAPPER.valueToTree(pull.counts()));
    push.ifPresent(
        pushed -> {
          json.set("pushed", Json.MAPPER.valueToTree(pushed.counts()));
          json.put("silent", pushed.silence().isSilent());
        });
    conflict.ifPresent(
        decided -> {
          ObjectNode told = json.putObject("conflict").put("object", decided.object());
          told.set("differences", decided.differences());
          told.put("still_open", decided.stillOpen()).put("holds", decided.holds());
        });
    levels.ifPresent(
        result ->
            json.putObject("levels")
                .put("copies", result.copies())
                .put("reached", result.reached())
                .put("different_below", result.different()));
    json.put("parked", parked());
    json.put("compared", compared());
    json.put("different", different());
    json.put("equal", isEqual());
    json.put("seconds", rounded(pull.seconds()));
    json.put("events_per_second", rounded(pull.eventsPerSecond()));
    json.set("left_out", Json.MAPPER.valueToTree(leftOut));
    return json.toString();
  }

  private static BigDecimal rounded(double value) {
    return BigDecimal.valueOf(value).setScale(1, RoundingMode.HALF_UP);
  }

  void print(PrintStream out) {
    printLeftOut(out);
    printPull(out);
    push.ifPresent(pushed -> printPush(pushed, out));
    conflict.ifPresent(decided -> printConflict(decided, out));
    printTable("parent", "child", kinds, out);
    levels.ifPresent(result -> printLevels(result, out));
    String equal = levels.isPresent() ? "all three nodes" : "both sides";
    out.println(isEqual() ? "Equal: " + equal + " have the same." : "NOT EQUAL");
  }

  private void printLeftOut(PrintStream out) {
    if (leftOut.isEmpty()) {
      return;
    }
    out.println("Left out of the data, because no category covers it:");
    leftOut.resources().forEach((type, count) -> out.println("  " + count + " " + type));
    leftOut
        .references()
        .forEach((path, count) -> out.println("  " + count + " references " + path));
  }

  private void printPull(PrintStream out) {
    out.printf(
        Locale.ROOT,
        "Pulled %d events in %.1f s (%.0f/s), %d parked%n",
        pull.events(),
        pull.seconds(),
        pull.eventsPerSecond(),
        pull.parked());
    printCounts(pull.counts(), out);
    if (!pull.failure().isEmpty()) {
      out.println("The pull did not complete: " + pull.failure());
    }
  }

  private static void printPush(PushResult push, PrintStream out) {
    out.printf(Locale.ROOT, "Pushed after edits on both sides, %d parked%n", push.parked());
    printCounts(push.counts(), out);
    if (!push.failure().isEmpty()) {
      out.println("Pulling and pushing did not complete: " + push.failure());
    }
    Silence silence = push.silence();
    out.printf(
        Locale.ROOT,
        "%s: one more pull and push changed %d objects with %d requests; an idle pull has %d%n",
        silence.isSilent() ? "Silent" : "NOT SILENT",
        silence.changes(),
        silence.requests(),
        silence.idleRequests());
  }

  private static void printConflict(DecidedConflict conflict, PrintStream out) {
    out.printf(
        Locale.ROOT,
        "%s: %d conflicts are left; what was decided of %s %s both sides%n",
        conflict.isResolved() ? "Resolved" : "NOT RESOLVED",
        conflict.stillOpen(),
        conflict.object(),
        conflict.holds() ? "holds on" : "does not hold on");
  }

  private static void printCounts(Map<String, Long> counts, PrintStream out) {
    counts.forEach((status, count) -> out.printf(Locale.ROOT, "  %-10s %8d%n", status, count));
  }

  private static void printLevels(LevelsResult levels, PrintStream out) {
    printTable("child", "leaf", levels.below(), out);
    out.printf(
        Locale.ROOT,
        "%s: %d of %d copies have what was edited at one of the nodes%n",
        levels.isComplete() ? "Reached" : "NOT REACHED",
        levels.reached(),
        levels.copies());
  }

  private static void printTable(
      String upper, String lower, List<KindComparison> kinds, PrintStream out) {
    String row = "%-24s %8s %8s %8s %9s %8s %6s%n";
    out.printf(row, "category", upper, lower, "equal", "different", "missing", "extra");
    for (KindComparison kind : kinds) {
      out.printf(
          row,
          kind.kind().category(),
          kind.parent(),
          kind.child(),
          kind.equal(),
          kind.different(),
          kind.missing(),
          kind.extra());
    }
    kinds.stream()
        .flatMap(kind -> kind.examples().stream())
        .forEach(example -> out.println("  " + example));
  }
}
