package org.openmrs.sync2;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * The exchanges that are open, by account, so that neither one account nor all children together
 * take the threads of a server. May be used from any thread.
 */
final class OpenExchanges {

  /** How many of an account may be open at once. A child asks with its fetch concurrency. */
  static final int MOST_OPEN = 16;

  /** Of how many of them the first lines may be awaited at once. */
  static final int MOST_AWAITED = 2;

  /** How long another one waits for that. */
  private static final long PATIENCE_SECONDS = 5;

  /** When a child that found no place comes again at the earliest. */
  static final int SHORTEST_PAUSE_SECONDS = 5;

  /** How much the time in which they come again grows with each account that waits. */
  static final int PAUSE_SECONDS_BY_ACCOUNT = 2;

  static final int LONGEST_PAUSE_SECONDS = 300;

  private static final String ALL_TAKEN =
      "as many children as may be (exchange.maxOpen) have exchanges open here: come later";

  private final Map<String, Account> accounts = new HashMap<>();

  /** How many are open. */
  private int open;

  /** The accounts that found no place and have not come again. Empty whenever half is free. */
  private final Set<String> waiting = new HashSet<>();

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

  /**
   * A place for an exchange of that account.
   *
   * @param most how many of all accounts may be open
   * @throws SyncBusyException when it has too many open, or all have
   */
  synchronized Place enter(String name, int most) {
    if (2 * open < most) {
      waiting.clear();
    }
    if (open >= most) {
      waiting.add(name);
      throw new SyncBusyException(ALL_TAKEN, TimeUnit.SECONDS.toMillis(pauseSeconds()));
    }
    Account account = accounts.computeIfAbsent(name, key -> new Account());
    if (account.open == MOST_OPEN) {
      throw tooManyOfAccount();
    }
    waiting.remove(name);
    account.open++;
    open++;
    return new Place(name, account);
  }

  /** The account has its own to end. */
  static SyncBusyException tooManyOfAccount() {
    return new SyncBusyException(
        "this account has as many exchanges open as it may: end one, or come later",
        TimeUnit.SECONDS.toMillis(1));
  }

  /** At random, so that those who were sent away together do not come back together. */
  private long pauseSeconds() {
    int latest = SHORTEST_PAUSE_SECONDS + PAUSE_SECONDS_BY_ACCOUNT * waiting.size();
    int bound = Math.min(latest, LONGEST_PAUSE_SECONDS) + 1;
    return ThreadLocalRandom.current().nextLong(SHORTEST_PAUSE_SECONDS, bound);
  }

  private synchronized void leave(String name, Account account) {
    open--;
    account.open--;
    if (account.open == 0) {
      accounts.remove(name);
    }
  }
}
