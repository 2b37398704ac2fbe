package org.openmrs.sync2.node.demo;

import java.io.PrintStream;
import java.util.function.Supplier;
import org.openmrs.sync2.SyncRun;

/** A pull or push that is run again and again. Says what came, and once what is wrong. */
final class RepeatedRun {

  private final PrintStream out;
  private final String direction;
  private final Supplier<SyncRun> start;
  private String told = "";

  /**
   * @param out where people read it
   * @param direction {@code pull} or {@code push}
   * @param start runs it and returns what it did
   */
  RepeatedRun(PrintStream out, String direction, Supplier<SyncRun> start) {
    this.out = out;
    this.direction = direction;
    this.start = start;
  }

  /** Blocks until it is over. */
  void run() {
    SyncRun run = start.get();
    if (run.events() > 0) {
      out.println("The " + direction + " finished " + run.events() + " events: " + run.counts());
    }
    String failure = ChildPull.failureOf(run);
    if (!failure.isEmpty() && !failure.equals(told)) {
      out.println("The " + direction + " did not complete, and is tried again: " + failure);
    }
    told = failure;
  }
}
