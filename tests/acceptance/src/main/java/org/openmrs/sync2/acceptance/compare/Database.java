package org.openmrs.sync2.acceptance.compare;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.openmrs.sync2.acceptance.Kind;

/** The database of one server. For one thread. */
public final class Database implements AutoCloseable {

  private static final int UUIDS_PER_QUERY = 200;

  private final Connection connection;
  private final Map<String, Table> tables = new HashMap<>();

  private Database(Connection connection) {
    this.connection = connection;
  }

  /**
   * @param url such as {@code jdbc:mariadb://127.0.0.1:3306/openmrs?user=…&password=…}
   */
  public static Database open(String url) throws SQLException {
    return new Database(DriverManager.getConnection(url));
  }

  /**
   * Makes data that OpenMRS would refuse today, as it is in databases of many years.
   *
   * @param statement an UPDATE with one parameter, the uuid of what it is about
   */
  public void edit(String statement, String uuid) throws SQLException {
    try (PreparedStatement update = connection.prepareStatement(statement)) {
      update.setString(1, uuid);
      if (update.executeUpdate() == 0) {
        throw new SQLException("nothing has the uuid " + uuid + ": " + statement);
      }
    }
  }

  /** The uuids of all users. */
  Set<String> users() throws SQLException {
    Set<String> uuids = new HashSet<>();
    try (PreparedStatement statement = connection.prepareStatement("SELECT uuid FROM users");
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        uuids.add(rows.getString(1));
      }
    }
    return uuids;
  }

  /** The rows of objects, of every table that holds a part of them. */
  List<Row> rowsOf(Kind kind, Collection<String> uuids) throws SQLException {
    List<String> all = new ArrayList<>(uuids);
    List<Row> rows = new ArrayList<>();
    for (int start = 0; start < all.size(); start += UUIDS_PER_QUERY) {
      List<String> some = all.subList(start, Math.min(start + UUIDS_PER_QUERY, all.size()));
      rows.addAll(select(table(kind.table()), "t.uuid", some));
      for (Kind.Part part : kind.parts()) {
        Table table = table(part.table());
        rows.addAll(select(table, universal(table, part.owner()), some));
      }
    }
    return rows;
  }

  private Table table(String name) throws SQLException {
    Table known = tables.get(name);
    if (known == null) {
      known = Table.read(connection, name);
      tables.put(name, known);
    }
    return known;
  }

  /** The rows of which an expression is one of these uuids. */
  private List<Row> select(Table table, String expression, List<String> uuids) throws SQLException {
    Map<String, String> expressions = new LinkedHashMap<>();
    for (String column : table.columns()) {
      expressions.put(column, universal(table, column));
    }
    String marks = String.join(", ", Collections.nCopies(uuids.size(), "?"));
    String sql =
        expressions.entrySet().stream()
            .map(column -> column.getValue() + " AS `" + column.getKey() + "`")
            .collect(
                Collectors.joining(
                    ", ",
                    "SELECT ",
                    " FROM " + table.name() + " t WHERE " + expression + " IN (" + marks + ")"));
    List<Row> rows = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int index = 0; index < uuids.size(); index++) {
        statement.setString(index + 1, uuids.get(index));
      }
      ResultSet found = statement.executeQuery();
      while (found.next()) {
        rows.add(row(table, found));
      }
    }
    return rows;
  }

  private static Row row(Table table, ResultSet found) throws SQLException {
    TreeMap<String, String> values = new TreeMap<>();
    for (String column : table.compared()) {
      values.put(column, value(found, column));
    }
    List<String> key = new ArrayList<>();
    for (String column : table.key()) {
      key.add(found.getString(column));
    }
    return new Row(table.name(), String.join("/", key), values);
  }

  /** Flags as 0 and 1, whatever the driver makes of them. */
  private static String value(ResultSet found, String column) throws SQLException {
    Object value = found.getObject(column);
    if (value instanceof Boolean flag) {
      return flag ? "1" : "0";
    }
    return found.getString(column);
  }

  /** An expression for the value of a column that means the same on every server. */
  private String universal(Table table, String column) throws SQLException {
    Table.Reference reference = table.references().get(column);
    if (reference == null) {
      return "t.`" + column + "`";
    }
    Table target = table(reference.table());
    // A patient has no uuid but that of the person whose key it shares.
    while (!target.hasUuid() && target.references().containsKey(reference.column())) {
      reference = target.references().get(reference.column());
      target = table(reference.table());
    }
    return target.hasUuid()
        ? "(SELECT r.uuid FROM %s r WHERE r.%s = t.`%s`)"
            .formatted(target.name(), reference.column(), column)
        : "t.`" + column + "`";
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
