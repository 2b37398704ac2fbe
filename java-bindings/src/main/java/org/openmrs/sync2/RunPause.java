package org.openmrs.sync2;

import java.time.Duration;

/**
 * The pause between two scheduled runs of a direction. It begins when a run ends and is measured by
 * a clock that nobody sets, {@link System#nanoTime()}.
 */
final class RunPause {

  /** Null before the first run. A clock of this kind may be negative, so no number will do. */
  private Long beganAt;

  private Duration length;

  synchronized void begin(long nanoTime, Duration length) {
    this.beganAt = nanoTime;
    this.length = length;
  }

  synchronized boolean isOver(long nanoTime) {
    return beganAt == null || nanoTime - beganAt >= length.toNanos();
  }

  /**
   * How long to pause after a run: as long as the engine says, which is longer than the interval
   * when the parent asked for it.
   */
  static Duration after(SyncRun run, Duration interval) {
    return run.nextRunAt() == null || run.endedAt() == null
        ? interval
        : Duration.ofMillis(run.nextRunAt() - run.endedAt());
  }
}
