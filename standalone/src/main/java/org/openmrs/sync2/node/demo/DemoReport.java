package org.openmrs.sync2.node.demo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What the demo found out, for people and for programs. */
record DemoReport(LeftOut leftOut, PullResult pull, List<KindComparison> kinds) {

  /** Whether every object is the same on both sides and nothing is left to do. */
  boolean isEqual() {
    return compared() > 0 && different() == 0 && pull.parked() == 0 && pull.failure().isEmpty();
  }

  private int compared() {
    return kinds.stream().mapToInt(KindComparison::compared).sum();
  }

  private int different() {
    return kinds.stream().mapToInt(KindComparison::unequal).sum();
  }

  /**
   * One line of JSON. {@code different} counts what is missing or extra too; {@code equal} is false
   * as well when a record is parked or the pull did not complete.
   */
  String json() {
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.put("events", pull.events());
    json.set("counts", Json.MAPPER.valueToTree(pull.counts()));
    json.put("parked", pull.parked());
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
    printTable(out);
    kinds.stream()
        .flatMap(kind -> kind.examples().stream())
        .forEach(example -> out.println("  " + example));
    out.println(isEqual() ? "Equal: both sides have the same." : "NOT EQUAL");
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
    for (Map.Entry<String, Long> count : pull.counts().entrySet()) {
      out.printf(Locale.ROOT, "  %-10s %8d%n", count.getKey(), count.getValue());
    }
    if (!pull.failure().isEmpty()) {
      out.println("The pull did not complete: " + pull.failure());
    }
  }

  private void printTable(PrintStream out) {
    String row = "%-24s %8s %8s %8s %9s %8s %6s%n";
    out.printf(row, "category", "parent", "child", "equal", "different", "missing", "extra");
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
  }
}
