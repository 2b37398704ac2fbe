package org.openmrs.sync2;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the pulls of an engine on threads of the program that it runs in, one at a time, and knows
 * when the next scheduled one is due. Owns the engine: closing this closes it.
 */
public final class SyncPulls implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(SyncPulls.class);

  private static final long SHORTEST_TICK_SECONDS = 1;
  private static final long LONGEST_TICK_SECONDS = 60;

  /** A pull that was started. */
  public static final class Started {
    private final String runId;
    private final Future<SyncRun> end;

    private Started(String runId, Future<SyncRun> end) {
      this.runId = runId;
      this.end = end;
    }

    /** The id of its run. */
    public String runId() {
      return runId;
    }

    /**
     * Waits until the pull has ended. An interrupt ends the waiting, not the pull.
     *
     * @return what it did; a run that was interrupted or cancelled says so in its state
     * @throws SyncException when it could not begin
     */
    public SyncRun await() throws InterruptedException {
      try {
        return end.get();
      } catch (ExecutionException e) {
        if (e.getCause() instanceof RuntimeException) {
          throw (RuntimeException) e.getCause();
        }
        throw new IllegalStateException("the pull failed", e.getCause());
      }
    }
  }

  private interface Pull {
    SyncRun run(String runId);
  }

  private final SyncEngine engine;
  private final Executor executor;
  private final PullPause pause = new PullPause();
  private FutureTask<SyncRun> last;

  /**
   * @param executor runs each pull on a thread that may do the host's work, such as an OpenMRS
   *     daemon thread
   */
  public SyncPulls(SyncEngine engine, Executor executor) {
    this.engine = engine;
    this.executor = executor;
  }

  /** The engine, open until {@link #close()}. */
  public SyncEngine engine() {
    return engine;
  }

  /**
   * Starts a pull and returns at once.
   *
   * @throws SyncAlreadyRunningException when one is under way here
   * @throws SyncClosedException when the executor takes no more
   */
  public Started start() {
    return start(engine::pull);
  }

  /**
   * Starts a pull of one object and returns at once.
   *
   * @param category such as {@code patient}
   * @param uuid of the object
   * @throws SyncConfigurationException when it cannot be asked for
   * @throws SyncAlreadyRunningException when a pull is under way here
   * @throws SyncClosedException when the executor takes no more
   */
  public Started start(String category, String uuid) {
    engine.checkObject(category, uuid);
    return start(runId -> engine.pullObject(category, uuid, runId));
  }

  /**
   * Starts a pull if the schedule wants one now: pulling is enabled, none is under way, and the
   * pause since the last one is over, which may be longer than the interval when the parent asked
   * for it. For a timer that ticks more often than that.
   */
  public void startIfDue() {
    if (!engine.status().pullEnabled() || !pause.isOver(System.nanoTime())) {
      return;
    }
    try {
      start();
    } catch (SyncAlreadyRunningException e) {
      LOG.debug("the scheduled pull is left out: {}", e.getMessage());
    }
  }

  private synchronized Started start(Pull pull) {
    if (last != null && !last.isDone()) {
      throw new SyncAlreadyRunningException("a pull is under way");
    }
    String runId = SyncEngine.newRunId();
    FutureTask<SyncRun> task = new FutureTask<>(() -> run(pull, runId));
    try {
      executor.execute(task);
    } catch (RejectedExecutionException e) {
      throw new SyncClosedException("the node is stopping");
    }
    last = task;
    return new Started(runId, task);
  }

  private SyncRun run(Pull pull, String runId) {
    Duration interval = Duration.ofSeconds(engine.status().pullIntervalSeconds());
    Duration length = interval;
    try {
      SyncRun run = pull.run(runId);
      length = PullPause.after(run, interval);
      return run;
    } catch (SyncException e) {
      LOG.warn("the pull {} did not begin: {}", runId, e.getMessage());
      throw e;
    } catch (RuntimeException e) {
      LOG.error("the pull {} failed", runId, e);
      throw e;
    } finally {
      pause.begin(System.nanoTime(), length);
    }
  }

  /**
   * How often a timer should call {@link #startIfDue()}: ten times in an interval, since an
   * interval begins when a pull ends, which may be at any time; but not more than once a second.
   */
  public Duration tick() {
    long tenth = engine.status().pullIntervalSeconds() / 10;
    return Duration.ofSeconds(
        Math.max(SHORTEST_TICK_SECONDS, Math.min(tenth, LONGEST_TICK_SECONDS)));
  }

  /**
   * Closes the engine: cancels a pull that is under way and waits until it has stopped. One that no
   * thread has begun yet ends with {@link SyncClosedException}.
   *
   * @throws SyncClosedException when it is closed already
   */
  @Override
  public void close() {
    engine.close();
  }
}
