package org.openmrs.module.sync2.engine;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.openmrs.sync2.LoggedFailure;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices that somebody set the server's clock. OpenMRS's scheduler goes by it: set back by a year,
 * it would call no task for a year; set forward, it would make up for each call of the time
 * between.
 */
final class ClockWatch {

  private static final Logger LOG = LoggerFactory.getLogger(ClockWatch.class);

  private static final long SECONDS_BETWEEN_LOOKS = 60;

  /** Clocks are put right a little all the time; a pause of the JVM lies between two readings. */
  private static final Duration TOLERATED = Duration.ofSeconds(30);

  private final LongSupplier millis;
  private final LongSupplier nanoTime;
  private final Runnable whenSet;

  /** When it was last looked at, by the clock and by one that nobody sets, which may overflow. */
  private long lastMillis;

  private long lastNanoTime;

  private ScheduledExecutorService timer;

  /**
   * @param whenSet does what has to be done then, on the thread of the watch
   */
  ClockWatch(Runnable whenSet) {
    this(System::currentTimeMillis, System::nanoTime, whenSet);
  }

  ClockWatch(LongSupplier millis, LongSupplier nanoTime, Runnable whenSet) {
    this.millis = millis;
    this.nanoTime = nanoTime;
    this.whenSet = whenSet;
    setBy();
  }

  /** Milliseconds by which the clock was set since the last call. */
  private long setBy() {
    long nowMillis = millis.getAsLong();
    long nowNanoTime = nanoTime.getAsLong();
    long passed = TimeUnit.NANOSECONDS.toMillis(nowNanoTime - lastNanoTime);
    long setBy = nowMillis - lastMillis - passed;
    lastMillis = nowMillis;
    lastNanoTime = nowNanoTime;
    return setBy;
  }

  /** Looks each minute, until {@link #stop()}, on a thread of its own. */
  void start() {
    timer =
        Executors.newSingleThreadScheduledExecutor(
            work -> {
              Thread thread = new Thread(work, "sync2-clock");
              thread.setDaemon(true);
              return thread;
            });
    timer.scheduleWithFixedDelay(
        this::look, SECONDS_BETWEEN_LOOKS, SECONDS_BETWEEN_LOOKS, TimeUnit.SECONDS);
  }

  /** Ends its thread. Does not wait for it. */
  void stop() {
    timer.shutdownNow();
  }

  /** Whatever is thrown, it looks again. */
  void look() {
    long setBy = setBy();
    if (Math.abs(setBy) <= TOLERATED.toMillis()) {
      return;
    }
    LOG.info("the clock was set by {} s: the tasks of Sync 2 start anew", setBy / 1000);
    try {
      whenSet.run();
    } catch (RuntimeException | LinkageError e) {
      LOG.warn("the tasks of Sync 2 could not be started anew: {}", LoggedFailure.words(e));
    }
  }
}
