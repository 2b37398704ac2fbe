package org.openmrs.sync2.node;

import java.math.BigDecimal;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.springframework.jdbc.UncategorizedSQLException;

/** The engine's statements on one connection, in the four kinds of value that the engine knows. */
final class Statements {

  private final Connection connection;

  Statements(Connection connection) {
    this.connection = connection;
  }

  /** Runs a statement and returns the number of rows changed. */
  long update(String sql, Object... parameters) throws SQLException {
    try (PreparedStatement statement = prepare(sql, parameters)) {
      return statement.executeLargeUpdate();
    }
  }

  /**
   * Runs one statement for many rows of parameters and returns the number of rows changed by each.
   */
  long[] updateAll(String sql, Object[][] rows) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (Object[] row : rows) {
        bind(statement, row);
        statement.addBatch();
      }
      return Arrays.stream(statement.executeBatch()).asLongStream().toArray();
    }
  }

  /** Runs a SELECT and returns its rows, each value null, Long, String or byte[]. */
  List<Object[]> query(String sql, Object... parameters) {
    try (PreparedStatement statement = prepare(sql, parameters);
        ResultSet result = statement.executeQuery()) {
      List<Object[]> rows = new ArrayList<>();
      while (result.next()) {
        rows.add(row(result));
      }
      return rows;
    } catch (SQLException e) {
      throw new UncategorizedSQLException("query", sql, e);
    }
  }

  private PreparedStatement prepare(String sql, Object[] parameters) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    try {
      bind(statement, parameters);
      return statement;
    } catch (SQLException e) {
      statement.close();
      throw e;
    }
  }

  private static void bind(PreparedStatement statement, Object[] parameters) throws SQLException {
    for (int i = 0; i < parameters.length; i++) {
      statement.setObject(i + 1, parameters[i]);
    }
  }

  private static Object[] row(ResultSet result) throws SQLException {
    Object[] row = new Object[result.getMetaData().getColumnCount()];
    for (int i = 0; i < row.length; i++) {
      row[i] = value(result.getObject(i + 1));
    }
    return row;
  }

  private static Object value(Object value) throws SQLException {
    if (value == null || value instanceof String || value instanceof byte[]) {
      return value;
    } else if (value instanceof BigDecimal number) {
      return number.longValueExact();
    } else if (value instanceof Number number) {
      return number.longValue();
    } else if (value instanceof Boolean truth) {
      return truth ? 1L : 0L;
    } else if (value instanceof Clob text) {
      return text.getSubString(1, Math.toIntExact(text.length()));
    } else if (value instanceof Blob bytes) {
      return bytes.getBytes(1, Math.toIntExact(bytes.length()));
    }
    throw new SQLException(
        "A column has a value of "
            + value.getClass().getName()
            + ", which the engine does not know.");
  }
}
