package org.openmrs.module.sync2.capture;

import java.time.Clock;
import java.util.concurrent.locks.ReentrantLock;
import org.openmrs.sync2.LeftToDo;
import org.openmrs.sync2.ListeningStep;
import org.openmrs.sync2.LoggedFailure;
import org.openmrs.sync2.SyncClosedException;
import org.openmrs.sync2.SyncEngine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the engine remember, again and again, that this server listens to its own changes; and
 * searches what was missed, while it was off or because of a trouble.
 *
 * <p>To be called on daemon threads.
 */
public final class Listening {

  private static final Logger LOG = LoggerFactory.getLogger(Listening.class);

  private final SyncEngine engine;
  private final ServerOutbox outbox;
  private final ChangeSearch search;

  /** The clock that dates the rows of OpenMRS. */
  private final Clock clock;

  /** Held by who keeps or searches. */
  private final ReentrantLock busy = new ReentrantLock();

  private boolean begun;
  private volatile boolean stopped;

  /** Of this server: by its engine, to its outbox. */
  public Listening(SyncEngine engine, ServerOutbox outbox, ChangeSearch search) {
    this(engine, outbox, search, Clock.systemUTC());
  }

  Listening(SyncEngine engine, ServerOutbox outbox, ChangeSearch search, Clock clock) {
    this.engine = engine;
    this.outbox = outbox;
    this.search = search;
    this.clock = clock;
  }

  /**
   * The same with the next engine, after {@link #stop()}: changes are noted without one, so nothing
   * was missed because of it.
   */
  public Listening continuedWith(SyncEngine next) {
    Listening continued = new Listening(next, outbox, search, clock);
    continued.begun = begun;
    return continued;
  }

  /**
   * Keeps that this server listens, and searches what it missed; returns at once when that is under
   * way. Blocks on the database. Throws nothing: it is tried again the next time.
   */
  public void keep() {
    if (!outbox.isListening() || !busy.tryLock()) {
      return;
    }
    try {
      keepAndSearch();
    } catch (SyncClosedException e) {
      // The next engine goes on.
    } catch (RuntimeException | LinkageError e) {
      LOG.warn(
          "Missed changes could not be looked for, which is tried again: {}",
          LoggedFailure.words(e));
    } finally {
      busy.unlock();
    }
  }

  private void keepAndSearch() {
    long missed = outbox.missed();
    if (missed > 0) {
      outbox.lookAgain();
    }
    LeftToDo left = begun ? heard() : begin();
    if (left.count()) {
      left = engine.listening(ListeningStep.counted(search.countObjects()));
    }
    while (left.gap() != null && search.search(left.gap(), engine::listening, () -> !stopped)) {
      left = engine.listening(ListeningStep.ended(left.gap(), now()));
    }
    if (left.gap() == null) {
      outbox.searched(missed);
    }
  }

  private LeftToDo begin() {
    LeftToDo left = engine.listening(ListeningStep.begins(now()));
    begun = true;
    return left;
  }

  private LeftToDo heard() {
    outbox
        .missedSince()
        .ifPresent(since -> engine.listening(ListeningStep.missed(since.toEpochMilli(), now())));
    return engine.listening(ListeningStep.listens(now()));
  }

  /** Waits until the part that is searched has ended, and keeps that it listened until now. */
  public void stop() {
    stopped = true;
    busy.lock();
    try {
      if (begun) {
        heard();
      }
    } catch (RuntimeException e) {
      LOG.debug("The last time of listening could not be kept", LoggedFailure.of(e));
    } finally {
      busy.unlock();
    }
  }

  private long now() {
    return clock.millis();
  }
}
