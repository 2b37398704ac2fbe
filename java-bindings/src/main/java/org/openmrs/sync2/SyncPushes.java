package org.openmrs.sync2;

import java.time.Duration;
import java.util.concurrent.Executor;

/**
 * Runs the pushes of an engine on threads of the program that it runs in, one at a time, and knows
 * when the next scheduled one is due. They know nothing of the pulls, which may be under way at the
 * same time. Whoever opened the engine closes it.
 */
public final class SyncPushes {

  private final SyncEngine engine;
  private final DirectionRuns runs;

  /**
   * @param executor runs each push on a thread that may do the host's work, such as an OpenMRS
   *     daemon thread
   */
  public SyncPushes(SyncEngine engine, Executor executor) {
    this.engine = engine;
    this.runs =
        new DirectionRuns(
            "push", executor, () -> Duration.ofSeconds(engine.status().pushIntervalSeconds()));
  }

  /**
   * Starts a push and returns at once.
   *
   * @throws SyncConfigurationException when there is no parent
   * @throws SyncAlreadyRunningException when one is under way here
   * @throws SyncClosedException when the executor takes no more
   */
  public StartedRun start() {
    engine.checkPush();
    return runs.start(engine::push);
  }

  /**
   * Starts a push if the schedule wants one now: pushing is enabled, none is under way, and the
   * pause since the last one is over, which may be longer than the interval when the parent asked
   * for it. For a timer that ticks more often than that.
   */
  public void startIfDue() {
    if (engine.status().pushEnabled()) {
      runs.startIfDue(engine::push);
    }
  }

  /**
   * How often a timer should call {@link #startIfDue()}: ten times in an interval, since an
   * interval begins when a push ends, which may be at any time; but not more than once a second.
   */
  public Duration tick() {
    return runs.tick();
  }
}
