package org.openmrs.sync2;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.openmrs.sync2.jdbc.JdbcStatements;

/**
 * Where a host writes what its transactions change, so that it appears in the feed which this node
 * publishes. A row stands or falls with the change that it tells of, since both are of one
 * transaction. May be used from any thread.
 */
public final class Outbox {

  private static final String TABLE = "sync2_outbox";

  private final String insert;

  private Outbox(String insert) {
    this.insert = insert;
  }

  /**
   * The outbox in a database of that kind. Needs no open engine, but the native library: an engine
   * was opened, or {@link NativeLibrary#load} called, before. Does not ask the database; its tables
   * are there once {@link SyncEngine#storedConfiguration} or {@link SyncEngine#open} has made them.
   *
   * @param databaseProduct as JDBC names it, see {@link SyncHost#databaseProduct()}
   * @throws SyncConfigurationException when the engine does not support it
   */
  public static Outbox of(String databaseProduct) {
    return new Outbox(Native.outboxInsert(databaseProduct));
  }

  /** Returns true if the engine's tables have been made in the database of that connection. */
  public static boolean isIn(Connection connection) throws SQLException {
    DatabaseMetaData database = connection.getMetaData();
    String name = database.storesUpperCaseIdentifiers() ? TABLE.toUpperCase(Locale.ROOT) : TABLE;
    String pattern = name.replace("_", database.getSearchStringEscape() + "_");
    try (ResultSet found =
        database.getTables(connection.getCatalog(), connection.getSchema(), pattern, null)) {
      return found.next();
    }
  }

  /**
   * Writes all that a transaction changed, in the order in which it did, before it commits. Blocks
   * on the database.
   *
   * @param connection of the transaction that makes the changes
   * @throws SQLException when the database refuses; the transaction must then be rolled back, or
   *     its changes would never be told
   */
  public void write(Connection connection, List<Change> changes) throws SQLException {
    String transaction = UUID.randomUUID().toString();
    Object[][] rows = new Object[changes.size()][];
    for (int place = 0; place < rows.length; place++) {
      rows[place] = row(transaction, place, changes.get(place));
    }
    JdbcStatements.updateAll(connection, insert, rows);
  }

  /** The order of the ids is that of the changes, which decides what an object has come to. */
  private static Object[] row(String transaction, int place, Change change) {
    return new Object[] {
      String.format(Locale.ROOT, "%s.%010d", transaction, place),
      transaction,
      change.category(),
      change.uuid(),
      change.action().name(),
      change.patientUuid(),
      change.locationUuid(),
      change.hangsOn().isEmpty() ? null : String.join(",", change.hangsOn())
    };
  }
}
