package org.openmrs.sync2.node.demo;

import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.openmrs.sync2.SyncEngine;
import org.openmrs.sync2.SyncRun;
import org.openmrs.sync2.SyncStatus;

/** Has the child pull, and adds up what its runs did. */
final class ChildPull {

  private static final long SHOW_MILLIS = 200;

  private final SyncEngine engine;
  private final SortedMap<String, Long> counts = new TreeMap<>();
  private volatile long events;
  private String failure = "";

  ChildPull(SyncEngine engine) {
    this.engine = engine;
  }

  /**
   * Pulls until no more events come, or a run does not complete. Blocks.
   *
   * @param progress shows the events
   */
  PullResult pullAll(Progress progress) {
    long started = System.nanoTime();
    ScheduledExecutorService display = Executors.newSingleThreadScheduledExecutor();
    display.scheduleAtFixedRate(
        () -> show(progress), SHOW_MILLIS, SHOW_MILLIS, TimeUnit.MILLISECONDS);
    long ended = started;
    try {
      for (boolean more = true; more && failure.isEmpty(); ) {
        more = pullOnce() > 0;
        ended = more ? System.nanoTime() : ended;
      }
    } finally {
      display.shutdownNow();
    }
    progress.advanceTo(events, events);
    long parked = engine.status().parked();
    return new PullResult(events, counts, parked, (ended - started) / 1e9, failure);
  }

  /** How many events the run finished with. */
  private long pullOnce() {
    SyncRun run = engine.pull();
    run.counts().forEach((status, count) -> counts.merge(status, count, Long::sum));
    events += run.events();
    failure = failureOf(run);
    return run.events();
  }

  /** Why a run did not complete; empty when it did. */
  static String failureOf(SyncRun run) {
    if (run.state().equals("completed")) {
      return "";
    }
    return run.error() == null
        ? "the run was " + run.state()
        : run.error().kind() + ": " + run.error().message();
  }

  private void show(Progress progress) {
    SyncStatus status = engine.status();
    SyncRun run = status.pull();
    if (status.running()) {
      long done = events + run.events();
      progress.advanceTo(done, run.remaining() == null ? done : done + run.remaining());
    }
  }
}
