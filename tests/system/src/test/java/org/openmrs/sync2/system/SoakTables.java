package org.openmrs.sync2.system;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** What the engine's tables of a node hold that does not run. */
final class SoakTables {

  private SoakTables() {}

  /** The number of rows of each table. */
  static ObjectNode rows(Path data) throws SQLException {
    ObjectNode rows = NodeHttp.MAPPER.createObjectNode();
    String url = "jdbc:h2:file:" + data.toAbsolutePath().resolve("node") + ";IFEXISTS=TRUE";
    try (Connection database = DriverManager.getConnection(url, "sa", "");
        Statement statement = database.createStatement()) {
      for (String table : tables(statement)) {
        try (ResultSet count = statement.executeQuery("SELECT COUNT(*) FROM " + table)) {
          count.next();
          rows.put(table.toLowerCase(), count.getLong(1));
        }
      }
    }
    return rows;
  }

  private static List<String> tables(Statement statement) throws SQLException {
    String query =
        "SELECT table_name FROM information_schema.tables WHERE table_name LIKE 'SYNC2%'"
            + " ORDER BY table_name";
    List<String> tables = new ArrayList<>();
    try (ResultSet names = statement.executeQuery(query)) {
      while (names.next()) {
        tables.add(names.getString(1));
      }
    }
    return tables;
  }
}
