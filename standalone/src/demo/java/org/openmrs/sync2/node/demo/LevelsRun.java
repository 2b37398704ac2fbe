package org.openmrs.sync2.node.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** The run of the demo with a chain of three nodes, whose middle one is a child and a parent. */
final class LevelsRun {

  /** Three are enough; an echo that travels on and on would take them all. */
  private static final int MOST_TURNS = 10;

  private final DemoNodes upper;
  private final DemoNodes lower;
  private final PrintStream out;

  /**
   * @param upper the root and the middle node, which has pulled everything
   * @param lower the middle node and the leaf
   */
  LevelsRun(DemoNodes upper, DemoNodes lower, PrintStream out) {
    this.upper = upper;
    this.lower = lower;
    this.out = out;
  }

  /**
   * Has the leaf pull everything, edits a patient at each node, and has both children pull and push
   * until nothing is left to do. Blocks.
   *
   * @throws IOException when a node cannot be reached
   * @throws DemoException when the leaf cannot pull
   */
  LevelsResult editAtEach() throws IOException {
    pullToTheLeaf();
    List<TwoWaySync> links = List.of(new TwoWaySync(upper), new TwoWaySync(lower));
    long idleRequests = 0;
    for (TwoWaySync link : links) {
      idleRequests += link.idleRequests();
    }
    LevelEdits edits =
        LevelEdits.make(List.of(upper.parentClient(), upper.childClient(), lower.childClient()));
    out.println("Edited a patient at each node. Pulling and pushing until nothing is left to do …");
    PushResult push = synchronize(links, idleRequests);
    return new LevelsResult(edits.copies(), edits.reached(), push, compareBelow());
  }

  private void pullToTheLeaf() {
    lower.publishEvents();
    try (Progress progress = new Progress(out, false, "Pulling events to the leaf", 0)) {
      PullResult pulled = new ChildPull(lower.childEngine()).pullAll(progress);
      if (!pulled.failure().isEmpty()) {
        throw new DemoException("the leaf could not pull: " + pulled.failure());
      }
    }
  }

  private static PushResult synchronize(List<TwoWaySync> links, long idleRequests) {
    boolean more = true;
    for (int turns = 0; more && turns < MOST_TURNS; turns++) {
      more = false;
      for (TwoWaySync link : links) {
        more |= link.takeTurn() > 0;
      }
    }
    SortedMap<String, Long> counts = new TreeMap<>();
    long parked = 0;
    long changes = 0;
    long requests = 0;
    String failure = "";
    for (TwoWaySync link : links) {
      PushResult result = link.listened(idleRequests);
      result.counts().forEach((status, count) -> counts.merge(status, count, Long::sum));
      parked += result.parked();
      changes += result.silence().changes();
      requests += result.silence().requests();
      failure = failure.isEmpty() ? result.failure() : failure;
    }
    return new PushResult(counts, parked, failure, new Silence(changes, requests, idleRequests));
  }

  private List<KindComparison> compareBelow() throws IOException {
    try (Progress progress = new Progress(out, false, "Comparing the middle and the leaf", 0)) {
      return new NodeComparer(lower.parentClient(), lower.childClient(), progress).compare();
    }
  }
}
