package org.openmrs.sync2.node.demo;

import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.openmrs.sync2.SyncRun;

/** Has the child pull and push by turns, and adds up what its pushes did. */
final class TwoWaySync {

  /** Two are enough; an echo that comes back again and again would take them all. */
  private static final int MOST_TURNS = 10;

  /** The audit statuses of what a run wrote. */
  private static final Set<String> CHANGED = Set.of("APPLIED", "PARTIAL", "MERGED", "REMOVED");

  private final DemoNodes nodes;
  private final SortedMap<String, Long> pushed = new TreeMap<>();
  private String failure = "";

  TwoWaySync(DemoNodes nodes) {
    this.nodes = nodes;
  }

  /**
   * How many requests the parent gets from a pull of a child that has pulled everything. Blocks.
   */
  long idleRequests() {
    long before = nodes.parentRequests();
    pull();
    return nodes.parentRequests() - before;
  }

  /**
   * Pulls and pushes until no more events come or a run does not complete, and then once more, to
   * see whether the network is silent. Blocks.
   *
   * @param idleRequests what {@link #idleRequests()} found
   */
  PushResult run(long idleRequests) {
    takeTurns();
    return listened(idleRequests);
  }

  /** The end of {@link #run} alone. */
  PushResult listened(long idleRequests) {
    Silence silence = listen(idleRequests);
    return new PushResult(pushed, nodes.childEngine().status().parked(), failure, silence);
  }

  /**
   * Pulls and pushes until no more events come or a run does not complete. Blocks.
   *
   * @return why a run did not complete; empty when all did
   */
  String takeTurns() {
    int turns = 0;
    boolean more = true;
    while (more && turns < MOST_TURNS) {
      more = takeTurn() > 0 && failure.isEmpty();
      turns++;
    }
    return failure;
  }

  /** Pulls and pushes once. Returns how many events both finished with. */
  long takeTurn() {
    SyncRun pull = pull();
    SyncRun push = push();
    return pull.events() + push.events();
  }

  private Silence listen(long idleRequests) {
    long before = nodes.parentRequests();
    long changes = changes(pull()) + changes(push());
    return new Silence(changes, nodes.parentRequests() - before, idleRequests);
  }

  private SyncRun pull() {
    nodes.publishEvents();
    return noted(nodes.childEngine().pull());
  }

  private SyncRun push() {
    SyncRun push = noted(nodes.childEngine().push());
    push.counts().forEach((status, count) -> pushed.merge(status, count, Long::sum));
    return push;
  }

  /** Keeps the first failure. */
  private SyncRun noted(SyncRun run) {
    failure = failure.isEmpty() ? ChildPull.failureOf(run) : failure;
    return run;
  }

  private static long changes(SyncRun run) {
    return run.counts().entrySet().stream()
        .filter(count -> CHANGED.contains(count.getKey()))
        .mapToLong(count -> count.getValue())
        .sum();
  }
}
