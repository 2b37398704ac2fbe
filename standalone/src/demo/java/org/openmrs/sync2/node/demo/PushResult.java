package org.openmrs.sync2.node.demo;

import java.util.SortedMap;

/**
 * The work of the child's pushes, and of its pulls between them.
 *
 * @param counts how many events the pushes finished with, by audit status
 * @param parked how many records of either direction are parked at the end
 * @param failure why a run did not complete; empty when all did
 * @param silence what came after the last of them
 */
record PushResult(SortedMap<String, Long> counts, long parked, String failure, Silence silence) {

  /** Returns true if all was done, and done once. */
  boolean isCompleteAndSilent() {
    return failure.isEmpty() && silence.isSilent();
  }
}
