package org.openmrs.sync2;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The runs of one direction on threads of the program that the engine runs in, and the pause
 * between two that are scheduled. The engine sees to it that there is one at a time. Whoever opened
 * the engine closes it.
 */
public final class SyncRuns {

  private static final Logger LOG = LoggerFactory.getLogger(SyncRuns.class);

  private static final long SHORTEST_TICK_SECONDS = 1;
  private static final long LONGEST_TICK_SECONDS = 60;

  private final SyncEngine engine;
  private final String direction;
  private final Predicate<SyncStatus> isEnabled;
  private final ToLongFunction<SyncStatus> intervalSeconds;
  private final Executor executor;
  private final RunPause pause = new RunPause();

  private SyncRuns(
      SyncEngine engine,
      String direction,
      Predicate<SyncStatus> isEnabled,
      ToLongFunction<SyncStatus> intervalSeconds,
      Executor executor) {
    this.engine = engine;
    this.direction = direction;
    this.isEnabled = isEnabled;
    this.intervalSeconds = intervalSeconds;
    this.executor = executor;
  }

  /**
   * The pulls of an engine.
   *
   * @param executor runs each on a thread that may do the host's work
   */
  public static SyncRuns pulls(SyncEngine engine, Executor executor) {
    return new SyncRuns(
        engine, "pull", SyncStatus::pullEnabled, SyncStatus::pullIntervalSeconds, executor);
  }

  /**
   * The pushes of an engine.
   *
   * @param executor runs each on a thread that may do the host's work
   */
  public static SyncRuns pushes(SyncEngine engine, Executor executor) {
    return new SyncRuns(
        engine, "push", SyncStatus::pushEnabled, SyncStatus::pushIntervalSeconds, executor);
  }

  /**
   * Starts a run of the feed and returns at once.
   *
   * @throws SyncConfigurationException when there is no parent
   * @throws SyncAlreadyRunningException when one is under way here
   * @throws SyncClosedException when the executor takes no more
   */
  public StartedRun start() {
    return perform(engine.announce(direction));
  }

  /**
   * Starts a run of one object, and of what hangs on it, and returns at once.
   *
   * @param category such as {@code patient}
   * @param uuid of the object
   * @throws SyncConfigurationException when it cannot be asked for
   * @throws SyncAlreadyRunningException when one is under way here
   * @throws SyncClosedException when the executor takes no more
   */
  public StartedRun start(String category, String uuid) {
    return perform(engine.announce(direction, category, uuid));
  }

  /**
   * Performs a run that was announced on a thread of the executor, and returns at once.
   *
   * @throws SyncClosedException when the executor takes no more
   */
  public StartedRun perform(String runId) {
    FutureTask<SyncRun> task = new FutureTask<>(() -> end(runId));
    try {
      executor.execute(task);
    } catch (RejectedExecutionException e) {
      String why = "the node is stopping";
      engine.withdraw(runId, why);
      throw new SyncClosedException(why);
    }
    return new StartedRun(runId, task);
  }

  /**
   * Starts a run unless one is under way or the pause since the last one is not over, which may be
   * longer than the interval when the parent asked for it. Does nothing where the direction is not
   * enabled. For a timer that ticks more often than the interval.
   */
  public void startIfDue() {
    if (!isEnabled.test(engine.status()) || !pause.isOver(System.nanoTime())) {
      return;
    }
    try {
      start();
    } catch (SyncAlreadyRunningException e) {
      LOG.debug("the scheduled {} is left out: {}", direction, LoggedFailure.words(e));
    }
  }

  private SyncRun end(String runId) {
    Duration length = interval();
    try {
      SyncRun ended = engine.perform(runId);
      length = RunPause.after(ended, length);
      return ended;
    } catch (SyncException e) {
      LOG.warn("the {} {} did not begin: {}", direction, runId, LoggedFailure.words(e));
      throw e;
    } catch (RuntimeException e) {
      LOG.error("the {} {} failed", direction, runId, LoggedFailure.of(e));
      throw e;
    } finally {
      pause.begin(System.nanoTime(), length);
    }
  }

  /**
   * How often a timer should call {@link #startIfDue()}: ten times in an interval, since an
   * interval begins when a run ends, which may be at any time; but not more than once a second.
   */
  public Duration tick() {
    long tenth = interval().getSeconds() / 10;
    return Duration.ofSeconds(
        Math.max(SHORTEST_TICK_SECONDS, Math.min(tenth, LONGEST_TICK_SECONDS)));
  }

  private Duration interval() {
    return Duration.ofSeconds(intervalSeconds.applyAsLong(engine.status()));
  }
}
