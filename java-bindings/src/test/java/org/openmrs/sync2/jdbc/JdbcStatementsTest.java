package org.openmrs.sync2.jdbc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** Values come back as one of four types, whatever the column and the driver. */
class JdbcStatementsTest {

  private static final Object[] NONE = {};

  @Test
  void onH2() throws SQLException {
    assertStatements(TestDatabases.h2());
  }

  @Test
  void onMariaDb() throws Exception {
    try (MariaDbServer server = MariaDbServer.start()) {
      assertStatements(server.database("statements"));
    }
  }

  private static void assertStatements(DataSource database) throws SQLException {
    try (Connection connection = database.getConnection()) {
      assertValuesComeBack(connection);
      assertChangesAreCounted(connection);
      assertArrayEquals(new long[0], JdbcStatements.updateAll(connection, "none", new Object[0][]));
      assertThrows(
          SQLException.class,
          () -> JdbcStatements.query(connection, "SELECT created FROM kinds", NONE));
    }
  }

  private static void assertValuesComeBack(Connection connection) throws SQLException {
    JdbcStatements.update(
        connection,
        "CREATE TABLE kinds (id BIGINT PRIMARY KEY, small SMALLINT, middle INT, flag BOOLEAN,"
            + " name VARCHAR(50), note LONGTEXT, body LONGBLOB, created TIMESTAMP"
            + " DEFAULT CURRENT_TIMESTAMP)",
        NONE);
    Object[] row = {Long.MAX_VALUE, 3L, 4L, 1L, "ä 😀", "long", new byte[] {0, -1}};
    String insert =
        "INSERT INTO kinds (id, small, middle, flag, name, note, body) VALUES (?, ?, ?, ?, ?, ?,"
            + " ?)";
    Object[] nulls = {1L, null, null, null, null, null, null};
    assertEquals(1, JdbcStatements.update(connection, insert, row));
    assertArrayEquals(new long[] {1}, JdbcStatements.updateAll(connection, insert, rows(nulls)));
    String select = "SELECT id, small, middle, flag, name, note, body FROM kinds ORDER BY id DESC";
    assertArrayEquals(rows(row, nulls), JdbcStatements.query(connection, select, NONE));
    assertArrayEquals(
        rows(new Object[] {2L, 4L}),
        JdbcStatements.query(connection, "SELECT COUNT(*), SUM(middle) FROM kinds", NONE));
  }

  private static void assertChangesAreCounted(Connection connection) throws SQLException {
    String update = "UPDATE kinds SET name = ? WHERE id = ?";
    Object[][] rows = rows(new Object[] {"a", 1L}, new Object[] {"b", 99L});
    assertArrayEquals(new long[] {1, 0}, JdbcStatements.updateAll(connection, update, rows));
    String all = "UPDATE kinds SET middle = 5";
    assertEquals(2, JdbcStatements.update(connection, all, NONE));
  }

  private static Object[][] rows(Object[]... rows) {
    return rows;
  }
}
