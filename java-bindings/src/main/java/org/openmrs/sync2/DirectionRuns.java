package org.openmrs.sync2;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The runs of one direction on threads of the program that the engine runs in: one at a time, and
 * the pause between two that are scheduled.
 */
final class DirectionRuns {

  private static final Logger LOG = LoggerFactory.getLogger(DirectionRuns.class);

  private static final long SHORTEST_TICK_SECONDS = 1;
  private static final long LONGEST_TICK_SECONDS = 60;

  private final String name;
  private final Executor executor;
  private final Supplier<Duration> interval;
  private final RunPause pause = new RunPause();
  private FutureTask<SyncRun> last;

  /**
   * @param name what such a run is called, {@code pull} or {@code push}
   * @param executor runs each on a thread that may do the host's work
   * @param interval from the end of one scheduled run to the start of the next
   */
  DirectionRuns(String name, Executor executor, Supplier<Duration> interval) {
    this.name = name;
    this.executor = executor;
    this.interval = interval;
  }

  /**
   * Starts a run and returns at once.
   *
   * @param run what is done, given the id of its run
   * @throws SyncAlreadyRunningException when one is under way here
   * @throws SyncClosedException when the executor takes no more
   */
  synchronized StartedRun start(Function<String, SyncRun> run) {
    if (last != null && !last.isDone()) {
      throw new SyncAlreadyRunningException("a " + name + " is under way");
    }
    String runId = SyncEngine.newRunId();
    FutureTask<SyncRun> task = new FutureTask<>(() -> end(run, runId));
    try {
      executor.execute(task);
    } catch (RejectedExecutionException e) {
      throw new SyncClosedException("the node is stopping");
    }
    last = task;
    return new StartedRun(runId, task);
  }

  /**
   * Starts a run unless one is under way or the pause since the last one is not over, which may be
   * longer than the interval when the parent asked for it.
   */
  void startIfDue(Function<String, SyncRun> run) {
    if (!pause.isOver(System.nanoTime())) {
      return;
    }
    try {
      start(run);
    } catch (SyncAlreadyRunningException e) {
      LOG.debug("the scheduled {} is left out: {}", name, e.getMessage());
    }
  }

  private SyncRun end(Function<String, SyncRun> run, String runId) {
    Duration usual = interval.get();
    Duration length = usual;
    try {
      SyncRun ended = run.apply(runId);
      length = RunPause.after(ended, usual);
      return ended;
    } catch (SyncException e) {
      LOG.warn("the {} {} did not begin: {}", name, runId, e.getMessage());
      throw e;
    } catch (RuntimeException e) {
      LOG.error("the {} {} failed", name, runId, e);
      throw e;
    } finally {
      pause.begin(System.nanoTime(), length);
    }
  }

  /**
   * How often a timer should ask whether a run is due: ten times in an interval, since an interval
   * begins when a run ends, which may be at any time; but not more than once a second.
   */
  Duration tick() {
    long tenth = interval.get().getSeconds() / 10;
    return Duration.ofSeconds(
        Math.max(SHORTEST_TICK_SECONDS, Math.min(tenth, LONGEST_TICK_SECONDS)));
  }
}
