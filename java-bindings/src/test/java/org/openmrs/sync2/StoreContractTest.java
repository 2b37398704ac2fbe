package org.openmrs.sync2;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.SQLException;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.openmrs.sync2.jdbc.JdbcHost;
import org.openmrs.sync2.jdbc.MariaDbServer;
import org.openmrs.sync2.jdbc.TestDatabases;

/** The engine's tables keep their promises over JDBC as they do over SQLite. */
class StoreContractTest {

  @Test
  void onH2() throws SQLException {
    assertContract(TestDatabases.h2());
  }

  @Test
  void onMariaDb() throws Exception {
    try (MariaDbServer server = MariaDbServer.start()) {
      assertContract(server.database("contract"));
    }
  }

  private static void assertContract(DataSource database) throws SQLException {
    String[] promises = NativeTesting.runStoreContract(new JdbcHost(database)).split("\n");
    assertTrue(promises.length > 20, "the contract has more than " + promises.length + " promises");
  }
}
