package org.openmrs.module.sync2.capture;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.hibernate.Session;
import org.hibernate.SessionFactory;
import org.hibernate.Transaction;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.openmrs.module.sync2.capture.SearchedKind.Range;
import org.openmrs.module.sync2.kind.Kind;
import org.openmrs.module.sync2.kind.Kinds;
import org.openmrs.sync2.Change;
import org.openmrs.sync2.ListeningStep;
import org.openmrs.sync2.SyncGap;

/**
 * Finds what was changed while nobody listened, by the dates that OpenMRS gives its rows, and
 * writes it to the outbox. It goes through each table by primary key, a part in a transaction of
 * its own, so that it holds nobody up and can go on where it stopped. What it finds twice is one
 * event more, which changes nothing.
 *
 * <p>What was deleted, or changed without a date, it does not find.
 */
public final class ChangeSearch {

  private static final int KEYS_AT_ONCE = 10_000;

  /** A transaction may commit that long after it dated its rows; and clocks differ. */
  private static final long MARGIN = TimeUnit.MINUTES.toMillis(10);

  private final SessionFactoryImplementor sessions;
  private final ServerOutbox outbox;
  private final int keysAtOnce;

  /** Over the tables of OpenMRS. */
  public ChangeSearch(SessionFactory sessions, ServerOutbox outbox) {
    this(sessions, outbox, KEYS_AT_ONCE);
  }

  ChangeSearch(SessionFactory sessions, ServerOutbox outbox, int keysAtOnce) {
    this.sessions = sessions.unwrap(SessionFactoryImplementor.class);
    this.outbox = outbox;
    this.keysAtOnce = keysAtOnce;
  }

  /** Where it keeps how far it has come. */
  public interface Progress {

    /** Keeps a step. */
    void keep(ListeningStep step);
  }

  /**
   * Searches a gap, from where an earlier search of it stopped. Blocks on the database.
   *
   * @param wanted asked after each part; the search stops when it is false
   * @return whether all of it was searched
   */
  public boolean search(SyncGap gap, Progress progress, BooleanSupplier wanted) {
    List<SearchedKind> kinds = SearchedKind.of(sessions);
    int first = indexOf(kinds, gap.kind());
    long after = first < 0 ? 0 : gap.passed();
    for (SearchedKind kind : kinds.subList(Math.max(first, 0), kinds.size())) {
      if (!search(kind, after, new Search(gap, progress, wanted))) {
        return false;
      }
      after = 0;
    }
    return true;
  }

  private static int indexOf(List<SearchedKind> kinds, String name) {
    for (int index = 0; index < kinds.size(); index++) {
      if (kinds.get(index).name().equals(name)) {
        return index;
      }
    }
    return -1;
  }

  /** The gap that is searched, and with whom. */
  private static final class Search {
    private final SyncGap gap;
    private final Progress progress;
    private final BooleanSupplier wanted;

    Search(SyncGap gap, Progress progress, BooleanSupplier wanted) {
      this.gap = gap;
      this.progress = progress;
      this.wanted = wanted;
    }

    Range time() {
      return new Range(gap.from() - MARGIN, gap.until() + MARGIN);
    }

    void passed(SearchedKind kind, long key, int found) {
      progress.keep(ListeningStep.searched(gap, kind.name(), key, found));
    }
  }

  private boolean search(SearchedKind kind, long after, Search search) {
    Long passed = after;
    while (passed != null) {
      if (!search.wanted.getAsBoolean()) {
        return false;
      }
      passed = searchNext(kind, passed, search);
    }
    return true;
  }

  /** Searches the next part; the last key of it, or null when it was the last part. */
  private Long searchNext(SearchedKind kind, long after, Search search) {
    Long last;
    int found;
    try (Session session = sessions.openSession()) {
      Transaction transaction = session.beginTransaction();
      try {
        last = kind.lastOfNext(session, after, keysAtOnce);
        TransactionChanges changes = new TransactionChanges();
        kind.addChanges(session, changes, search.time(), after, last);
        found = write(session, changes.asTold(session));
        transaction.commit();
      } catch (RuntimeException | Error e) {
        transaction.rollback();
        throw e;
      }
    }
    if (last != null || found > 0) {
      search.passed(kind, last == null ? after : last, found);
    }
    return last;
  }

  private int write(Session session, List<Change> changes) {
    if (!changes.isEmpty()) {
      session.doWork(
          connection ->
              outbox
                  .of(connection)
                  .orElseThrow(() -> new IllegalStateException("there is no outbox"))
                  .write(connection, changes));
    }
    return changes.size();
  }

  /** How many objects there are of all kinds that are told of. Blocks on the database. */
  public long countObjects() {
    long count = 0;
    try (Session session = sessions.openSession()) {
      for (Kind type : Kinds.told()) {
        // A patient is a person, too.
        if (type != Kinds.PATIENT
            && sessions.getMetamodel().entityPersisters().containsKey(type.entityName())) {
          count +=
              session
                  .createQuery("select count(o) from " + type.entityName() + " o", Long.class)
                  .uniqueResult();
        }
      }
    }
    return count;
  }
}
