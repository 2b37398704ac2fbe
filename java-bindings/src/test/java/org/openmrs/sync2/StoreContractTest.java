package org.openmrs.sync2;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.SQLException;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.openmrs.sync2.jdbc.JdbcHost;
import org.openmrs.sync2.jdbc.MariaDbServer;
import org.openmrs.sync2.jdbc.PostgreSqlServer;
import org.openmrs.sync2.jdbc.TestDatabases;

/** The engine's tables keep their promises over JDBC as they do over SQLite. */
class StoreContractTest {

  private static final long MANY_ROWS = 300_000;

  @Test
  void onH2() throws SQLException {
    assertContract(TestDatabases.h2());
    assertNoListIsSorted(TestDatabases.h2());
  }

  @Test
  void onMariaDb() throws Exception {
    try (MariaDbServer server = MariaDbServer.start()) {
      assertContract(server.database("contract"));
      assertNoListIsSorted(server.database("plans"));
    }
  }

  @Test
  void onPostgreSql() throws Exception {
    try (PostgreSqlServer server = PostgreSqlServer.start()) {
      assertContract(server.database("contract"));
      assertNoListIsSorted(server.database("plans"));
    }
  }

  private static void assertNoListIsSorted(DataSource database) throws SQLException {
    assertTrue(NativeTesting.checkListPlans(new JdbcHost(database), MANY_ROWS) > 20);
  }

  private static void assertContract(DataSource database) throws SQLException {
    String[] promises = NativeTesting.runStoreContract(new JdbcHost(database)).split("\n");
    assertTrue(promises.length > 20, "the contract has more than " + promises.length + " promises");
  }
}
