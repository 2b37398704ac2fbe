package org.openmrs.sync2.node.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.openmrs.sync2.SyncEngine;
import org.openmrs.sync2.SyncRun;

/** Has the child pull, and adds up what its runs did. */
final class ChildPull {

  private static final int PARKED_PAGE = 1000;
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
  PullResult pullAll(Progress progress) throws IOException {
    long started = System.nanoTime();
    ScheduledExecutorService display = Executors.newSingleThreadScheduledExecutor();
    display.scheduleAtFixedRate(
        () -> progress.advanceTo(events + eventsOfRun()),
        SHOW_MILLIS,
        SHOW_MILLIS,
        TimeUnit.MILLISECONDS);
    long ended = started;
    try {
      for (boolean more = true; more && failure.isEmpty(); ) {
        more = pullOnce() > 0;
        ended = more ? System.nanoTime() : ended;
      }
    } finally {
      display.shutdownNow();
    }
    progress.advanceTo(events);
    return new PullResult(events, counts, countParked(), (ended - started) / 1e9, failure);
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

  /** Of the run that is under way; 0 when there is none. */
  private long eventsOfRun() {
    try {
      JsonNode run = Json.MAPPER.readTree(engine.status().json()).path("pull");
      return run.path("state").asText().equals("running") ? run.path("events").asLong() : 0;
    } catch (IOException | RuntimeException e) {
      // The status is only shown; what went wrong comes to light in the run itself.
      return 0;
    }
  }

  private long countParked() throws IOException {
    long parked = 0;
    for (int found = PARKED_PAGE; found == PARKED_PAGE; parked += found) {
      found = Json.MAPPER.readTree(engine.parked(PARKED_PAGE, parked)).size();
    }
    return parked;
  }
}
