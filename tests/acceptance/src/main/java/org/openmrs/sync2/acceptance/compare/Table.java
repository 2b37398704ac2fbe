package org.openmrs.sync2.acceptance.compare;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A table as {@code information_schema} describes it.
 *
 * @param columns all of them
 * @param primaryKey the columns of the primary key
 * @param references the columns that refer to another table
 */
record Table(
    String name, Set<String> columns, Set<String> primaryKey, Map<String, Reference> references) {

  private static final String UUID = "uuid";

  /** What a foreign key refers to. */
  record Reference(String table, String column) {}

  static Table read(Connection connection, String name) throws SQLException {
    Set<String> columns = new TreeSet<>();
    Set<String> primaryKey = new TreeSet<>();
    String sql =
        "SELECT column_name, column_key FROM information_schema.columns"
            + " WHERE table_schema = DATABASE() AND table_name = ?";
    for (List<String> column : query(connection, sql, name)) {
      columns.add(column.get(0));
      if (column.get(1).equals("PRI")) {
        primaryKey.add(column.get(0));
      }
    }
    return new Table(name, columns, primaryKey, readReferences(connection, name));
  }

  private static Map<String, Reference> readReferences(Connection connection, String name)
      throws SQLException {
    String sql =
        "SELECT column_name, referenced_table_name, referenced_column_name"
            + " FROM information_schema.key_column_usage WHERE table_schema = DATABASE()"
            + " AND table_name = ? AND referenced_table_name IS NOT NULL";
    Map<String, Reference> references = new HashMap<>();
    for (List<String> key : query(connection, sql, name)) {
      references.put(key.get(0), new Reference(key.get(1), key.get(2)));
    }
    return references;
  }

  private static List<List<String>> query(Connection connection, String sql, String parameter)
      throws SQLException {
    List<List<String>> rows = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, parameter);
      ResultSet found = statement.executeQuery();
      while (found.next()) {
        List<String> row = new ArrayList<>();
        for (int column = 1; column <= found.getMetaData().getColumnCount(); column++) {
          row.add(found.getString(column));
        }
        rows.add(row);
      }
    }
    return rows;
  }

  boolean hasUuid() {
    return columns.contains(UUID);
  }

  /** The columns that tell a row from the others on every server. */
  Set<String> key() {
    return hasUuid() ? Set.of(UUID) : primaryKey;
  }

  /** The columns that are compared: local keys mean nothing elsewhere. */
  Set<String> compared() {
    Set<String> compared = new TreeSet<>(columns);
    primaryKey.stream().filter(column -> !references.containsKey(column)).forEach(compared::remove);
    compared.remove(UUID);
    return compared;
  }
}
