package org.openmrs.module.sync2.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** When the tasks are started anew because the clock was set. */
class ClockWatchTest {

  private static final Duration YEAR = Duration.ofDays(365);

  private long millis = 1_800_000_000_000L;
  private long nanoTime = Long.MAX_VALUE - TimeUnit.DAYS.toNanos(1);
  private int restarts;

  @Test
  void aClockThatIsSetStartsTheTasksAnewOnceEachTime() {
    for (Duration jump :
        new Duration[] {YEAR, YEAR.negated(), Duration.ofHours(1), Duration.ofHours(-1)}) {
      ClockWatch watch = watch();
      passes(Duration.ofMinutes(1));
      millis += jump.toMillis();
      watch.look();
      assertEquals(1, restarts, jump.toString());

      passes(Duration.ofMinutes(1));
      watch.look();
      assertEquals(1, restarts, "put right already");

      millis -= jump.toMillis();
      watch.look();
      assertEquals(2, restarts, "put right: " + jump);
    }
  }

  @Test
  void aClockThatGoesALittleWrongIsLeftAlone() {
    ClockWatch watch = watch();
    for (int minute = 0; minute < 1000; minute++) {
      passes(Duration.ofMinutes(1));
      // As one that is put right without being set: 500 ppm.
      millis += 30;
      watch.look();
    }
    assertEquals(0, restarts);
  }

  @Test
  void aServerThatStoodStillIsLeftAlone() {
    ClockWatch watch = watch();
    passes(Duration.ofDays(3));
    watch.look();
    assertEquals(0, restarts);
  }

  @Test
  void aRestartThatFailedKeepsNobodyFromTheNextLook() {
    ClockWatch watch =
        new ClockWatch(
            () -> millis,
            () -> nanoTime,
            () -> {
              restarts++;
              throw new IllegalStateException("the scheduler is stopped");
            });
    for (int set = 1; set < 4; set++) {
      millis += YEAR.toMillis();
      watch.look();
      assertEquals(set, restarts);
    }
  }

  private ClockWatch watch() {
    restarts = 0;
    return new ClockWatch(() -> millis, () -> nanoTime, () -> restarts++);
  }

  /** On both clocks. The second one overflows, as it may. */
  private void passes(Duration time) {
    millis += time.toMillis();
    nanoTime += time.toNanos();
  }
}
