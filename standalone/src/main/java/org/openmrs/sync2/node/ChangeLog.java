package org.openmrs.sync2.node;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.openmrs.sync2.Change;
import org.openmrs.sync2.Outbox;
import org.springframework.jdbc.UncategorizedSQLException;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.transaction.support.ResourceHolderSupport;
import org.springframework.transaction.support.ResourceHolderSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Where the node tells of what changed, in the transaction that changes it: in the engine's outbox,
 * and in the queue of the feed that OpenMRS's atomfeed module would publish. A transaction that
 * cannot tell does not commit.
 */
final class ChangeLog {

  private final DataSource dataSource;
  private final EventFeed feed;
  private final Outbox outbox;

  ChangeLog(DataSource dataSource, EventFeed feed, Outbox outbox) {
    this.dataSource = dataSource;
    this.feed = feed;
    this.outbox = outbox;
  }

  /**
   * Tells of a change in the transaction of the calling thread.
   *
   * @throws IllegalStateException when the thread has none
   */
  void add(NodeCategory category, Change change) {
    feed.queue(category, change.action().name(), change.uuid());
    ofTransaction().all.add(change);
  }

  private Changes ofTransaction() {
    Changes known = (Changes) TransactionSynchronizationManager.getResource(this);
    if (known != null) {
      return known;
    }
    Changes begun = new Changes();
    TransactionSynchronizationManager.registerSynchronization(new Writing(begun));
    TransactionSynchronizationManager.bindResource(this, begun);
    return begun;
  }

  /** The changes of one transaction. */
  private static final class Changes extends ResourceHolderSupport {

    private final List<Change> all = new ArrayList<>();
  }

  /** Writes it at once when the transaction is about to commit. */
  private final class Writing extends ResourceHolderSynchronization<Changes, ChangeLog> {

    private final Changes changes;

    private Writing(Changes changes) {
      super(changes, ChangeLog.this);
      this.changes = changes;
    }

    @Override
    public void beforeCommit(boolean readOnly) {
      try {
        outbox.write(DataSourceUtils.getConnection(dataSource), changes.all);
      } catch (SQLException e) {
        throw new UncategorizedSQLException(
            "Writing to the outbox, without which nothing is saved", null, e);
      }
    }
  }
}
