package org.openmrs.sync2.jdbc;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The statements of {@link org.openmrs.sync2.SyncHost} on a JDBC connection: for hosts, which only
 * have to find the connection of their transaction. Parameters and values are null, {@link Long},
 * {@link String} or {@code byte[]}.
 */
public final class JdbcStatements {

  private JdbcStatements() {}

  /** Runs a statement; the number of rows changed. */
  public static long update(Connection connection, String statement, Object[] parameters)
      throws SQLException {
    try (PreparedStatement prepared = connection.prepareStatement(statement)) {
      bind(prepared, parameters);
      return prepared.executeUpdate();
    }
  }

  /** Runs one statement for many rows of parameters as a batch; the rows changed by each. */
  public static long[] updateAll(Connection connection, String statement, Object[][] rows)
      throws SQLException {
    if (rows.length == 0) {
      return new long[0];
    }
    try (PreparedStatement prepared = connection.prepareStatement(statement)) {
      for (Object[] parameters : rows) {
        bind(prepared, parameters);
        prepared.addBatch();
      }
      return changed(statement, prepared.executeBatch());
    }
  }

  /** Runs a SELECT; all its rows. */
  public static Object[][] query(Connection connection, String statement, Object[] parameters)
      throws SQLException {
    try (PreparedStatement prepared = connection.prepareStatement(statement)) {
      bind(prepared, parameters);
      try (ResultSet result = prepared.executeQuery()) {
        return rows(result);
      }
    }
  }

  private static void bind(PreparedStatement prepared, Object[] parameters) throws SQLException {
    for (int index = 0; index < parameters.length; index++) {
      bind(prepared, index + 1, parameters[index]);
    }
  }

  private static void bind(PreparedStatement prepared, int index, Object value)
      throws SQLException {
    if (value == null) {
      prepared.setNull(index, Types.NULL);
    } else if (value instanceof byte[]) {
      prepared.setBytes(index, (byte[]) value);
    } else {
      prepared.setObject(index, value);
    }
  }

  private static long[] changed(String statement, int[] counts) throws SQLException {
    boolean insert = statement.trim().toUpperCase(Locale.ROOT).startsWith("INSERT");
    long[] changed = Arrays.stream(counts).asLongStream().toArray();
    for (int index = 0; index < changed.length; index++) {
      if (changed[index] == Statement.SUCCESS_NO_INFO && insert) {
        // Drivers that send a batch of inserts as one don't count; each of ours is one row.
        changed[index] = 1;
      } else if (changed[index] < 0) {
        throw new SQLException("the driver does not say how many rows a batched statement changed");
      }
    }
    return changed;
  }

  private static Object[][] rows(ResultSet result) throws SQLException {
    int columns = result.getMetaData().getColumnCount();
    List<Object[]> rows = new ArrayList<>();
    while (result.next()) {
      Object[] row = new Object[columns];
      for (int column = 0; column < columns; column++) {
        row[column] = normalised(result.getObject(column + 1));
      }
      rows.add(row);
    }
    return rows.toArray(new Object[0][]);
  }

  /** Databases and drivers differ in the types that they answer with; the engine knows four. */
  private static Object normalised(Object value) throws SQLException {
    if (value == null || value instanceof String || value instanceof byte[]) {
      return value;
    }
    if (value instanceof Boolean) {
      return (Boolean) value ? 1L : 0L;
    }
    if (value instanceof Clob) {
      Clob clob = (Clob) value;
      return clob.getSubString(1, Math.toIntExact(clob.length()));
    }
    if (value instanceof Blob) {
      Blob blob = (Blob) value;
      return blob.getBytes(1, Math.toIntExact(blob.length()));
    }
    return wholeNumber(value);
  }

  private static Long wholeNumber(Object value) throws SQLException {
    if (value instanceof Long
        || value instanceof Integer
        || value instanceof Short
        || value instanceof Byte) {
      return ((Number) value).longValue();
    }
    // SUM and unsigned columns of MySQL.
    if (value instanceof BigDecimal) {
      return ((BigDecimal) value).longValueExact();
    }
    if (value instanceof BigInteger) {
      return ((BigInteger) value).longValueExact();
    }
    throw new SQLException(
        "a column of a type that the sync engine does not use: " + value.getClass());
  }
}
