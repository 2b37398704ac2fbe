package org.openmrs.sync2;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** One transaction of a host that makes patients, and tells its outbox of them. */
final class OwnChanges implements AutoCloseable {

  private final Connection connection;

  /**
   * @param connection a new one; it is closed with this
   */
  OwnChanges(Connection connection) throws SQLException {
    this.connection = connection;
    connection.setAutoCommit(false);
  }

  OwnChanges create(String... patients) throws SQLException {
    List<Change> changes = new ArrayList<>();
    for (String patient : patients) {
      changes.add(Change.of("patient", patient, Change.Action.CREATED).ofPatient(patient));
    }
    Outbox.of(connection.getMetaData().getDatabaseProductName()).write(connection, changes);
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
