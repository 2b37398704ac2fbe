package org.openmrs.sync2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Collections;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.openmrs.sync2.Change.Action;
import org.openmrs.sync2.jdbc.JdbcHost;
import org.openmrs.sync2.jdbc.JdbcStatements;
import org.openmrs.sync2.jdbc.MariaDbServer;
import org.openmrs.sync2.jdbc.TestDatabases;

/** Rows of the outbox stand and fall with the transaction that they tell of. */
class OutboxTest {

  private static final Object[] NONE = {};

  @Test
  void onH2() throws SQLException {
    assertOutbox(TestDatabases.h2());
  }

  @Test
  void onMariaDb() throws Exception {
    try (MariaDbServer server = MariaDbServer.start()) {
      assertOutbox(server.database("outbox"));
    }
  }

  @Test
  void aDatabaseThatIsNotSupportedIsNamed() {
    NativeLibrary.load(TestConfig.NATIVE);
    String message =
        assertThrows(SyncConfigurationException.class, () -> Outbox.of("Oracle")).getMessage();
    assertTrue(message.contains("Oracle"), message);
  }

  private static void assertOutbox(DataSource database) throws SQLException {
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      assertFalse(Outbox.isIn(connection));
      SyncEngine.storedConfiguration(new JdbcHost(database), TestConfig.NATIVE);
      assertTrue(Outbox.isIn(connection));
      Outbox outbox = Outbox.of(connection.getMetaData().getDatabaseProductName());
      assertACommitKeepsTheRowsOfOneTransactionTogether(outbox, connection);
      assertARollbackLeavesNone(outbox, connection);
      assertARowThatIsRefusedIsSaid(outbox, connection);
    }
  }

  private static void assertACommitKeepsTheRowsOfOneTransactionTogether(
      Outbox outbox, Connection connection) throws SQLException {
    Change patient = Change.of("patient", "p", Action.CREATED).ofPatient("p").atLocation("l");
    Change encounter = Change.of("encounter", "e", Action.VOIDED).ofPatient("p");
    outbox.write(connection, Arrays.asList(patient, encounter));
    outbox.write(connection, Collections.emptyList());
    connection.commit();
    outbox.write(connection, Arrays.asList(patient));
    connection.commit();

    assertArrayEquals(
        new Object[][] {
          {"encounter", "e", "VOIDED", "p", null},
          {"patient", "p", "CREATED", "p", "l"},
          {"patient", "p", "CREATED", "p", "l"}
        },
        query(
            connection,
            "SELECT category, object_uuid, event_action, patient_uuid, location_uuid"
                + " FROM sync2_outbox ORDER BY category"));
    Object[][] transactions =
        query(
            connection,
            "SELECT transaction_uuid, COUNT(*) FROM sync2_outbox GROUP BY transaction_uuid"
                + " ORDER BY COUNT(*)");
    assertEquals(2, transactions.length);
    assertEquals(2L, transactions[1][1]);
    assertNotEquals(transactions[0][0], transactions[1][0]);
  }

  private static void assertARollbackLeavesNone(Outbox outbox, Connection connection)
      throws SQLException {
    outbox.write(connection, Arrays.asList(Change.of("visit", "v", Action.UPDATED)));
    assertEquals(1, query(connection, VISITS).length);
    connection.rollback();
    assertEquals(0, query(connection, VISITS).length);
  }

  private static final String VISITS = "SELECT uuid FROM sync2_outbox WHERE category = 'visit'";

  private static void assertARowThatIsRefusedIsSaid(Outbox outbox, Connection connection)
      throws SQLException {
    JdbcStatements.update(connection, "DROP TABLE sync2_outbox", NONE);
    assertThrows(
        SQLException.class,
        () -> outbox.write(connection, Arrays.asList(Change.of("visit", "v", Action.UPDATED))));
    connection.rollback();
  }

  private static Object[][] query(Connection connection, String statement) throws SQLException {
    return JdbcStatements.query(connection, statement, NONE);
  }
}
