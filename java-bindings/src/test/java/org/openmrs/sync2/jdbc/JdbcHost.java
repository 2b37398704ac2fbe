package org.openmrs.sync2.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.openmrs.sync2.SyncHost;

/**
 * The smallest real host: objects are JSON documents in one table, beside the engine's tables and
 * in the same transactions.
 */
public final class JdbcHost implements SyncHost {

  private final DataSource database;
  private final ThreadLocal<Connection> transaction = new ThreadLocal<>();

  /** Makes the table {@code host_object} when it is missing. */
  public JdbcHost(DataSource database) throws SQLException {
    this.database = database;
    try (Connection connection = database.getConnection()) {
      JdbcStatements.update(
          connection,
          "CREATE TABLE IF NOT EXISTS host_object (category VARCHAR(64) NOT NULL,"
              + " uuid VARCHAR(64) NOT NULL, removed INT NOT NULL, document "
              + (databaseProduct().equals("PostgreSQL") ? "BYTEA," : "LONGBLOB,")
              + " PRIMARY KEY (category, uuid))",
          new Object[0]);
    }
  }

  @Override
  public String databaseProduct() throws SQLException {
    try (Connection connection = database.getConnection()) {
      return connection.getMetaData().getDatabaseProductName();
    }
  }

  @Override
  public void begin() throws SQLException {
    if (transaction.get() != null) {
      throw new IllegalStateException("this thread has a transaction already");
    }
    Connection connection = database.getConnection();
    connection.setAutoCommit(false);
    connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
    transaction.set(connection);
  }

  @Override
  public void commit() throws SQLException {
    current().commit();
    end();
  }

  @Override
  public void rollback() {
    try {
      if (transaction.get() != null) {
        current().rollback();
      }
    } catch (SQLException e) {
      // A connection that cannot roll back is one that the database has already rolled back.
    } finally {
      end();
    }
  }

  @Override
  public void save(String representation, String category, String uuid, byte[] json)
      throws SQLException {
    if (update(
            "UPDATE host_object SET removed = 0, document = ? WHERE category = ? AND uuid = ?",
            new Object[] {json, category, uuid})
        == 0) {
      update(
          "INSERT INTO host_object (category, uuid, removed, document) VALUES (?, ?, 0, ?)",
          new Object[] {category, uuid, json});
    }
  }

  @Override
  public void remove(String representation, String category, String uuid, String action)
      throws SQLException {
    update(
        "UPDATE host_object SET removed = 1 WHERE category = ? AND uuid = ?",
        new Object[] {category, uuid});
  }

  /** Nothing is cached here. */
  @Override
  public void clear() {}

  @Override
  public byte[] read(String representation, String category, String uuid, boolean lock)
      throws SQLException {
    Object[][] rows =
        query(
            "SELECT removed, document FROM host_object WHERE category = ? AND uuid = ?"
                + (lock ? " FOR UPDATE" : ""),
            new Object[] {category, uuid});
    if (rows.length == 0) {
      return null;
    }
    return (Long) rows[0][0] == 1 ? REMOVED : (byte[]) rows[0][1];
  }

  @Override
  public boolean[] exists(String[] categories, String[] uuids) throws SQLException {
    boolean[] found = new boolean[uuids.length];
    for (int index = 0; index < uuids.length; index++) {
      found[index] = read("any", categories[index], uuids[index], false) != null;
    }
    return found;
  }

  @Override
  public long update(String statement, Object[] parameters) throws SQLException {
    return JdbcStatements.update(current(), statement, parameters);
  }

  @Override
  public long[] updateAll(String statement, Object[][] rows) throws SQLException {
    return JdbcStatements.updateAll(current(), statement, rows);
  }

  @Override
  public Object[][] query(String statement, Object[] parameters) throws SQLException {
    return JdbcStatements.query(current(), statement, parameters);
  }

  private Connection current() {
    Connection connection = transaction.get();
    if (connection == null) {
      throw new IllegalStateException("this thread has no transaction");
    }
    return connection;
  }

  private void end() {
    Connection connection = transaction.get();
    transaction.remove();
    try {
      if (connection != null) {
        connection.close();
      }
    } catch (SQLException e) {
      // It is closed, one way or the other.
    }
  }
}
