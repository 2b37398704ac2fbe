package org.openmrs.sync2.acceptance;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;

/** Waits for what another process does by itself. */
public final class Await {

  /** From one look to the next, when nothing else is asked for. */
  public static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);

  private Await() {}

  /**
   * Looks until the condition holds.
   *
   * @param what is awaited, to go on with "was not seen within"
   * @throws CaseFailure when it does not hold within the limit
   */
  public static void until(String what, Duration limit, Callable<Boolean> condition)
      throws Exception {
    until(what, limit, BETWEEN_LOOKS, condition);
  }

  /**
   * The same with another pause from one look to the next.
   *
   * @throws CaseFailure when it does not hold within the limit
   */
  public static void until(String what, Duration limit, Duration pause, Callable<Boolean> condition)
      throws Exception {
    Instant deadline = Instant.now().plus(limit);
    while (!condition.call()) {
      if (Instant.now().isAfter(deadline)) {
        throw new CaseFailure(what + " was not seen within " + limit.toSeconds() + " s");
      }
      Thread.sleep(pause.toMillis());
    }
  }
}
