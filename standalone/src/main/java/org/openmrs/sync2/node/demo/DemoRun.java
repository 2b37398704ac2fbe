package org.openmrs.sync2.node.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openmrs.sync2.SyncRun;

/** What the demo does with its two nodes. */
final class DemoRun {

  private static final long PULL_INTERVAL_SECONDS = 5;

  private final DemoNodes nodes;
  private final PrintStream out;
  private final boolean isTerminal = System.console() != null;

  /**
   * @param out where people read how far it is
   */
  DemoRun(DemoNodes nodes, PrintStream out) {
    this.nodes = nodes;
    this.out = out;
  }

  /**
   * Loads the parent, has the child pull everything, and compares.
   *
   * @param plantDifference whether an object of the child is changed before the comparison
   */
  DemoReport loadPullCompare(ObjectSource source, boolean plantDifference) throws IOException {
    LeftOut leftOut = load(source);
    PullResult pull = pull(source.size());
    if (plantDifference) {
      out.println("Planted a difference in " + PlantedDifference.plant(nodes.childClient()));
    }
    return new DemoReport(leftOut, pull, compare(source.size()));
  }

  private LeftOut load(ObjectSource source) throws IOException {
    try (Progress progress = progress("Loading the parent", source.size())) {
      return new ParentLoader(nodes.parentClient(), progress).load(source);
    }
  }

  /**
   * @param objects how many were loaded: each has at least one event
   */
  private PullResult pull(long objects) {
    nodes.publishEvents();
    try (Progress progress = progress("Pulling events", objects)) {
      return new ChildPull(nodes.childEngine()).pullAll(progress);
    }
  }

  private List<KindComparison> compare(long objects) throws IOException {
    try (Progress progress = progress("Comparing", objects)) {
      return new NodeComparer(nodes.parentClient(), nodes.childClient(), progress).compare();
    }
  }

  private Progress progress(String title, long total) {
    return new Progress(out, isTerminal, title, total);
  }

  /** Pulls each few seconds until the JVM ends. Says what came, and once what is wrong. */
  void keepPulling() throws InterruptedException {
    out.println(
        "The child goes on pulling each "
            + PULL_INTERVAL_SECONDS
            + " seconds: change something at the parent and look at the child. Ctrl-C ends it.");
    String told = "";
    while (true) {
      TimeUnit.SECONDS.sleep(PULL_INTERVAL_SECONDS);
      SyncRun run = nodes.childEngine().pull();
      if (run.events() > 0) {
        out.println("Pulled " + run.events() + " events: " + run.counts());
      }
      String failure = ChildPull.failureOf(run);
      if (!failure.isEmpty() && !failure.equals(told)) {
        out.println("The pull did not complete, and is tried again: " + failure);
      }
      told = failure;
    }
  }
}
