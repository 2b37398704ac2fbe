package org.openmrs.module.sync2.capture;

import java.io.Serializable;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hibernate.HibernateException;
import org.hibernate.action.spi.AfterTransactionCompletionProcess;
import org.hibernate.action.spi.BeforeTransactionCompletionProcess;
import org.hibernate.engine.spi.ActionQueue;
import org.hibernate.engine.spi.SessionImplementor;
import org.hibernate.engine.spi.SharedSessionContractImplementor;
import org.openmrs.sync2.Change;
import org.openmrs.sync2.Change.Action;
import org.openmrs.sync2.Outbox;

/**
 * What one transaction has changed, until it is written to the outbox: after the last flush of the
 * commit, on the transaction's connection. What fails there aborts the commit.
 *
 * <p>Used by the thread of its session only.
 */
final class TransactionChanges
    implements BeforeTransactionCompletionProcess, AfterTransactionCompletionProcess {

  private final ActionQueue queue;
  private final ServerOutbox serverOutbox;
  private final Map<CapturedType, Map<Serializable, List<Action>>> changed = new LinkedHashMap<>();
  private final List<Change> deleted = new ArrayList<>();

  TransactionChanges(ActionQueue queue, ServerOutbox serverOutbox) {
    this.queue = queue;
    this.serverOutbox = serverOutbox;
  }

  /** Notes a change of the object with that primary key. */
  void add(CapturedType type, Serializable id, Action action) {
    beginWhenEmpty();
    List<Action> actions =
        changed
            .computeIfAbsent(type, kind -> new LinkedHashMap<>())
            .computeIfAbsent(id, object -> new ArrayList<>());
    if (actions.isEmpty() || actions.get(actions.size() - 1) != action) {
      actions.add(action);
    }
  }

  /** Notes that an object was deleted. To whom it belonged is not told: everybody is to hear. */
  void addDeleted(CapturedType type, String uuid) {
    beginWhenEmpty();
    deleted.add(Change.of(type.category(), uuid, Action.DELETED));
  }

  /**
   * Also when everything so far has been written: another process of the same commit may flush
   * again, and Hibernate goes on until none is left.
   */
  private void beginWhenEmpty() {
    if (isEmpty()) {
      queue.registerProcess((BeforeTransactionCompletionProcess) this);
      queue.registerProcess((AfterTransactionCompletionProcess) this);
    }
  }

  private boolean isEmpty() {
    return changed.isEmpty() && deleted.isEmpty();
  }

  @Override
  public void doBeforeTransactionCompletion(SessionImplementor session) {
    if (isEmpty()) {
      // Of a transaction of this session that was rolled back: Hibernate keeps the process.
      return;
    }
    session.doWork(
        connection -> {
          Optional<Outbox> outbox = serverOutbox.of(connection);
          if (outbox.isPresent()) {
            write(outbox.get(), connection, changes(session));
          }
        });
    clear();
  }

  private static void write(Outbox outbox, Connection connection, List<Change> changes) {
    try {
      outbox.write(connection, changes);
    } catch (SQLException e) {
      throw new HibernateException(
          "nothing is saved, because the change could not be noted in the table sync2_outbox: "
              + e.getMessage(),
          e);
    }
  }

  private List<Change> changes(SessionImplementor session) {
    List<Change> changes = new ArrayList<>();
    changed.forEach(
        (type, objects) ->
            CapturedObject.find(session, type, new ArrayList<>(objects.keySet()))
                .forEach(
                    object ->
                        objects
                            .get(object.id())
                            .forEach(action -> changes.add(object.change(action)))));
    changes.addAll(deleted);
    return changes;
  }

  @Override
  public void doAfterTransactionCompletion(
      boolean success, SharedSessionContractImplementor session) {
    clear();
  }

  private void clear() {
    changed.clear();
    deleted.clear();
  }
}
