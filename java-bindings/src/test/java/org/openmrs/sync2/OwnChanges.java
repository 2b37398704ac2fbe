package org.openmrs.sync2;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.UUID;

/**
 * One transaction of a host that makes patients and tells its outbox of each, on its connection.
 */
final class OwnChanges implements AutoCloseable {

  private final Connection connection;
  private final PreparedStatement insert;
  private final String transaction = UUID.randomUUID().toString();

  /**
   * @param connection a new one; it is closed with this
   */
  OwnChanges(Connection connection) throws SQLException {
    this.connection = connection;
    connection.setAutoCommit(false);
    String product = connection.getMetaData().getDatabaseProductName();
    insert = connection.prepareStatement(Native.outboxInsert(product));
  }

  OwnChanges create(String uuid) throws SQLException {
    Object[] change = {
      UUID.randomUUID().toString(), transaction, "patient", uuid, "CREATED", uuid, null
    };
    for (int index = 0; index < change.length; index++) {
      insert.setObject(index + 1, change[index]);
    }
    insert.executeUpdate();
    return this;
  }

  void commit() throws SQLException {
    connection.commit();
  }

  /** Rolls back what was not committed. */
  @Override
  public void close() throws SQLException {
    connection.rollback();
    connection.close();
  }
}
