package org.openmrs.sync2;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.openmrs.sync2.jdbc.JdbcHost;
import org.openmrs.sync2.jdbc.MariaDbServer;
import org.openmrs.sync2.jdbc.PostgreSqlServer;
import org.openmrs.sync2.jdbc.TestDatabases;

/** The engine's tables keep each of their promises over JDBC as they do over SQLite. */
class StoreContractTest {

  /** Several times as many as a search looks at. */
  private static final long MANY_ROWS = 70_000;

  /** PostgreSQL sorts 70,000 rather than follow an index. */
  private static final long MANY_ROWS_OF_POSTGRESQL = 300_000;

  @TestFactory
  Stream<DynamicTest> onH2() throws SQLException {
    return tests(TestDatabases.h2(), TestDatabases.h2(), MANY_ROWS);
  }

  @TestFactory
  Stream<DynamicTest> onMariaDb() throws Exception {
    MariaDbServer server = MariaDbServer.start();
    return tests(server.database("contract"), server.database("plans"), MANY_ROWS)
        .onClose(() -> close(server));
  }

  @TestFactory
  Stream<DynamicTest> onPostgreSql() throws Exception {
    PostgreSqlServer server = PostgreSqlServer.start();
    return tests(server.database("contract"), server.database("plans"), MANY_ROWS_OF_POSTGRESQL)
        .onClose(() -> close(server));
  }

  /** A test of each promise, and one of the plans of all lists. JUnit closes the stream. */
  private static Stream<DynamicTest> tests(DataSource database, DataSource plans, long rows) {
    Stream<DynamicTest> promises =
        Arrays.stream(NativeTesting.storePromises().split("\n"))
            .map(name -> dynamicTest(name, () -> keep(name, database)));
    return Stream.concat(
        promises,
        Stream.of(dynamicTest("no_list_is_sorted", () -> assertNoListIsSorted(plans, rows))));
  }

  private static void close(Closeable server) {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void keep(String name, DataSource database) throws SQLException {
    NativeTesting.keepStorePromise(name, new JdbcHost(database));
  }

  private static void assertNoListIsSorted(DataSource database, long rows) throws SQLException {
    assertTrue(NativeTesting.checkListPlans(new JdbcHost(database), rows) > 20);
  }
}
