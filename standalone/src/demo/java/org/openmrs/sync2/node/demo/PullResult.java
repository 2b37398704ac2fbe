package org.openmrs.sync2.node.demo;

import java.util.SortedMap;

/**
 * The work of the child's runs.
 *
 * @param events how many events they finished with
 * @param counts how many of them by audit status
 * @param parked how many records are parked at the end
 * @param seconds how long it took
 * @param failure why the last run did not complete; empty when it did
 */
record PullResult(
    long events, SortedMap<String, Long> counts, long parked, double seconds, String failure) {

  double eventsPerSecond() {
    return seconds == 0 ? 0 : events / seconds;
  }
}
