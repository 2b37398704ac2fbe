package org.openmrs.sync2.chaos;

import java.util.Map;
import java.util.TreeMap;

/** What schedules came to, counted. */
final class Figures {

  private final Map<String, Long> counts = new TreeMap<>();

  /** One more of that. Lines count on threads of their own. */
  synchronized void count(String what) {
    counts.merge(what, 1L, Long::sum);
  }

  synchronized long of(String what) {
    return counts.getOrDefault(what, 0L);
  }

  /** For people: a figure a line. */
  synchronized String text() {
    StringBuilder text = new StringBuilder();
    counts.forEach((what, count) -> text.append(String.format("%6d %s%n", count, what)));
    return text.toString();
  }
}
