package org.openmrs.sync2;

import java.time.Duration;
import java.util.concurrent.Executor;

/**
 * Runs the pulls of an engine on threads of the program that it runs in, one at a time, and knows
 * when the next scheduled one is due. Owns the engine: closing this closes it.
 */
public final class SyncPulls implements AutoCloseable {

  private final SyncEngine engine;
  private final DirectionRuns runs;

  /**
   * @param executor runs each pull on a thread that may do the host's work, such as an OpenMRS
   *     daemon thread
   */
  public SyncPulls(SyncEngine engine, Executor executor) {
    this.engine = engine;
    this.runs =
        new DirectionRuns(
            "pull", executor, () -> Duration.ofSeconds(engine.status().pullIntervalSeconds()));
  }

  /** The engine, open until {@link #close()}. */
  public SyncEngine engine() {
    return engine;
  }

  /**
   * Starts a pull and returns at once.
   *
   * @throws SyncConfigurationException when there is no parent
   * @throws SyncAlreadyRunningException when one is under way here
   * @throws SyncClosedException when the executor takes no more
   */
  public StartedRun start() {
    engine.checkPull();
    return runs.start(engine::pull);
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
  public StartedRun start(String category, String uuid) {
    engine.checkObject(category, uuid);
    return runs.start(runId -> engine.pullObject(category, uuid, runId));
  }

  /**
   * Starts a pull if the schedule wants one now: pulling is enabled, none is under way, and the
   * pause since the last one is over, which may be longer than the interval when the parent asked
   * for it. For a timer that ticks more often than that.
   */
  public void startIfDue() {
    if (engine.status().pullEnabled()) {
      runs.startIfDue(engine::pull);
    }
  }

  /**
   * How often a timer should call {@link #startIfDue()}: ten times in an interval, since an
   * interval begins when a pull ends, which may be at any time; but not more than once a second.
   */
  public Duration tick() {
    return runs.tick();
  }

  /**
   * Closes the engine: cancels a run that is under way and waits until it has stopped. One that no
   * thread has begun yet ends with {@link SyncClosedException}.
   *
   * @throws SyncClosedException when it is closed already
   */
  @Override
  public void close() {
    engine.close();
  }
}
