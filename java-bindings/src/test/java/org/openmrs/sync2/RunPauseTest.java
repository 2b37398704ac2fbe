package org.openmrs.sync2;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** When a scheduled run is due. */
class RunPauseTest {

  private static final Duration INTERVAL = Duration.ofSeconds(300);

  @Test
  void thereIsNoPauseBeforeTheFirstRun() {
    for (long now : new long[] {-1, 0, 1}) {
      assertTrue(new RunPause().isOver(now));
    }
  }

  @Test
  void itBeginsWhenARunEnds() {
    RunPause pause = new RunPause();
    long end = Long.MAX_VALUE - 1;
    pause.begin(end, INTERVAL);
    assertFalse(pause.isOver(end + INTERVAL.toNanos() - 1));
    assertTrue(pause.isOver(end + INTERVAL.toNanos()));
  }

  @Test
  void theParentCanAskForALongerOne() {
    assertEquals(Duration.ofSeconds(600), RunPause.after(run(1_000, 601_000L), INTERVAL));
    assertEquals(INTERVAL, RunPause.after(run(1_000, null), INTERVAL));
  }

  private static SyncRun run(long endedAt, Long nextRunAt) {
    String json = "{\"endedAt\": " + endedAt + ", \"nextRunAt\": " + nextRunAt + "}";
    return Json.read(json.getBytes(UTF_8), SyncRun.class);
  }
}
