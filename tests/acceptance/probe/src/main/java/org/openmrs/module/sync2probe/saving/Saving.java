package org.openmrs.module.sync2probe.saving;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openmrs.api.context.Context;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Saves one after the other as a program would that only wants to be quick: many in a transaction,
 * and the session emptied often, since each save flushes and each flush looks through all that the
 * session holds. The module does the same.
 */
public final class Saving {

  private static final int SAVES_IN_A_TRANSACTION = 100;
  private static final int SAVES_IN_A_SESSION = 10;

  private Saving() {}

  /** Returns the milliseconds from before the first transaction until after the last one. */
  public static long millis(List<Runnable> saves) {
    TransactionTemplate transactions =
        new TransactionTemplate(
            Context.getRegisteredComponents(PlatformTransactionManager.class).get(0));
    Context.clearSession();
    long start = System.nanoTime();
    for (int first = 0; first < saves.size(); first += SAVES_IN_A_TRANSACTION) {
      List<Runnable> batch =
          saves.subList(first, Math.min(first + SAVES_IN_A_TRANSACTION, saves.size()));
      transactions.execute(
          status -> {
            carryOut(batch);
            return null;
          });
    }
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
  }

  private static void carryOut(List<Runnable> saves) {
    for (int first = 0; first < saves.size(); first += SAVES_IN_A_SESSION) {
      saves
          .subList(first, Math.min(first + SAVES_IN_A_SESSION, saves.size()))
          .forEach(Runnable::run);
      Context.flushSession();
      Context.clearSession();
    }
  }
}
