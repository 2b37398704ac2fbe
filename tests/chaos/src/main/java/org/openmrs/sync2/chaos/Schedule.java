package org.openmrs.sync2.chaos;

import java.util.List;

/**
 * What happens, in its order. It follows from its seed.
 *
 * @param kinds of the objects by their numbers
 * @param arrivesLast what lines hold at the end arrives after all is quiet, else before
 */
record Schedule(
    long seed, Topology topology, List<Kind> kinds, List<Step> steps, boolean arrivesLast) {

  /** For people: a step a line. */
  String text() {
    StringBuilder text = new StringBuilder("seed " + seed + ": " + topology + "\n");
    for (int object = 0; object < kinds.size(); object++) {
      text.append("  o").append(object).append(" is a ").append(kinds.get(object)).append("\n");
    }
    for (int step = 0; step < steps.size(); step++) {
      text.append(String.format("  %2d %s%n", step + 1, steps.get(step)));
    }
    String end = arrivesLast ? "after all is quiet" : "before all is synchronized";
    return text.append("  what lines still hold arrives ").append(end).append("\n").toString();
  }
}
