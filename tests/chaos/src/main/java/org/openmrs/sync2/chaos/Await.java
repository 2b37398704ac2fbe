package org.openmrs.sync2.chaos;

import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** Waits for what nobody announces. */
final class Await {

  /** Only to end what would hang; no verdict depends on it. */
  private static final long PATIENCE_SECONDS = Long.getLong("sync2.patienceSeconds", 240);

  private static final long PAUSE_MILLIS = 10;

  private Await() {}

  /**
   * Asks again and again.
   *
   * @param what is waited for, for people
   * @return the first answer that is as wanted
   */
  static <T> T until(String what, Callable<T> question, Predicate<T> wanted) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (true) {
      T answer = question.call();
      if (wanted.test(answer)) {
        return answer;
      }
      if (System.nanoTime() > end) {
        throw new AssertionError("waited in vain for " + what + "; it is " + answer);
      }
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
    }
  }
}
