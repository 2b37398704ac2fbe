package org.openmrs.sync2;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The exchanges that are open, by account, so that one account cannot take all threads of a server.
 * May be used from any thread.
 */
final class OpenExchanges {

  /** How many of an account may be open at once. A child asks with its fetch concurrency. */
  static final int MOST_OPEN = 16;

  /** Of how many of them the first lines may be awaited at once. */
  static final int MOST_AWAITED = 2;

  /** How long another one waits for that. */
  private static final long PATIENCE_SECONDS = 5;

  private final Map<String, Account> accounts = new HashMap<>();

  private static final class Account {
    private int open;
    private final Semaphore awaited = new Semaphore(MOST_AWAITED, true);
  }

  /** An exchange that is open until it is closed. */
  final class Place implements AutoCloseable {
    private final String name;
    private final Account account;

    private Place(String name, Account account) {
      this.name = name;
      this.account = account;
    }

    /**
     * Waits until the first lines of this exchange may be awaited.
     *
     * @return whether they may; {@link #received} says that they are there
     */
    boolean await() {
      try {
        return account.awaited.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }

    /** The first lines are there, or will not come. */
    void received() {
      account.awaited.release();
    }

    @Override
    public void close() {
      leave(name, account);
    }
  }

  /** A place for an exchange of that account; null when it has too many open. */
  synchronized Place enter(String name) {
    Account account = accounts.computeIfAbsent(name, key -> new Account());
    if (account.open == MOST_OPEN) {
      return null;
    }
    account.open++;
    return new Place(name, account);
  }

  private synchronized void leave(String name, Account account) {
    account.open--;
    if (account.open == 0) {
      accounts.remove(name);
    }
  }
}
