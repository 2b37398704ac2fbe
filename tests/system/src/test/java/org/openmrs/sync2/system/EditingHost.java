package org.openmrs.sync2.system;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import javax.sql.DataSource;
import org.openmrs.sync2.ForwardingHost;
import org.openmrs.sync2.SyncHost;
import org.openmrs.sync2.jdbc.JdbcStatements;

/**
 * Has somebody else edit one object when the engine has decided on it and is about to save it. The
 * edit waits for the engine's transaction, or does not: then it is over before the save.
 */
final class EditingHost extends ForwardingHost {

  /**
   * A status value is always fresh; INNODB_TRX is not, for who asks more often than each 100 ms.
   */
  private static final String WAITING =
      "SELECT CAST(VARIABLE_VALUE AS INT) FROM information_schema.GLOBAL_STATUS"
          + " WHERE VARIABLE_NAME = 'INNODB_ROW_LOCK_CURRENT_WAITS'";

  private final DataSource database;
  private final String uuid;
  private final byte[] edited;
  private CompletableFuture<Void> edit;

  EditingHost(SyncHost next, DataSource database, String uuid, byte[] edited) {
    super(next);
    this.database = database;
    this.uuid = uuid;
    this.edited = edited;
  }

  @Override
  public void save(String representation, String category, String saved, byte[] json)
      throws Exception {
    if (saved.equals(uuid)) {
      edit = CompletableFuture.runAsync(this::edit);
      Await.until("the edit", () -> edit.isDone() || isWaiting(), begun -> begun);
    }
    super.save(representation, category, saved, json);
  }

  private void edit() {
    try (Connection connection = database.getConnection()) {
      JdbcStatements.update(
          connection,
          "UPDATE host_object SET document = ? WHERE uuid = ?",
          new Object[] {edited, uuid});
    } catch (SQLException e) {
      throw new CompletionException(e);
    }
  }

  private boolean isWaiting() throws SQLException {
    try (Connection connection = database.getConnection()) {
      return (Long) JdbcStatements.query(connection, WAITING, new Object[0])[0][0] > 0;
    }
  }

  /** Waits until the edit is done; fails when there was none. */
  void awaitEdit() {
    edit.join();
  }
}
