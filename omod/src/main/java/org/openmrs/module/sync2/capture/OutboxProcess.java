package org.openmrs.module.sync2.capture;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.Optional;
import org.hibernate.HibernateException;
import org.hibernate.action.spi.BeforeTransactionCompletionProcess;
import org.hibernate.engine.spi.SessionImplementor;
import org.openmrs.sync2.Outbox;

/**
 * Writes what a transaction has changed to the outbox: after the last flush of the commit, on the
 * transaction's connection.
 *
 * <p>OpenMRS comes first: what fails here is undone to a savepoint and told on the status, and the
 * transaction commits without it. Only where the database has given the whole transaction up, as
 * when it chose it as the victim of a deadlock, is there nothing left that could be saved: then the
 * commit fails, or it would say that it had saved.
 */
final class OutboxProcess implements BeforeTransactionCompletionProcess {

  private final TransactionChanges changes;
  private final ServerOutbox serverOutbox;

  OutboxProcess(TransactionChanges changes, ServerOutbox serverOutbox) {
    this.changes = changes;
    this.serverOutbox = serverOutbox;
  }

  @Override
  public void doBeforeTransactionCompletion(SessionImplementor session) {
    if (changes.isEmpty()) {
      // Of a transaction of this session that was rolled back: Hibernate keeps the process.
      return;
    }
    try {
      session.doWork(connection -> writeOrUndo(session, connection));
    } catch (TransactionGivenUp e) {
      throw e;
    } catch (Throwable e) {
      serverOutbox.missed(e);
    } finally {
      changes.clear();
    }
  }

  private void writeOrUndo(SessionImplementor session, Connection connection) throws SQLException {
    if (serverOutbox.isKnownToBeMissing()) {
      serverOutbox.missedAgain();
      return;
    }
    Savepoint before = connection.setSavepoint();
    try {
      write(session, connection);
    } catch (Throwable e) {
      undo(connection, before, e);
      serverOutbox.missed(e);
    }
  }

  private void write(SessionImplementor session, Connection connection) throws SQLException {
    Optional<Outbox> outbox = serverOutbox.of(connection);
    if (outbox.isPresent()) {
      outbox.get().write(connection, changes.asTold(session));
    } else {
      serverOutbox.missedAgain();
    }
  }

  private static void undo(Connection connection, Savepoint before, Throwable cause) {
    try {
      connection.rollback(before);
    } catch (SQLException e) {
      e.addSuppressed(cause);
      throw new TransactionGivenUp(e);
    }
  }

  /** The database has nothing left of the transaction. */
  private static final class TransactionGivenUp extends HibernateException {
    private static final long serialVersionUID = 1L;

    TransactionGivenUp(SQLException cause) {
      super(
          "nothing is saved, because the database gave up the transaction while its changes were"
              + " noted in the table sync2_outbox: "
              + cause.getSuppressed()[0].getMessage(),
          cause);
    }
  }
}
