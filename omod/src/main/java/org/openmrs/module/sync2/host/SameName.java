package org.openmrs.module.sync2.host;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import org.openmrs.sync2.SyncDuplicateException;

/**
 * Metadata that is new here, and whose name another one has that is not retired: two servers where
 * somebody made the same thing by hand. It is never taken in as a second one of that name, which
 * OpenMRS refuses for some kinds and lets happen for others.
 */
public final class SameName {

  /** By category, where it is kept and what people know it by. */
  private static final Map<String, String> QUERIES = queries();

  private SameName() {}

  private static Map<String, String> queries() {
    Map<String, String> queries = new HashMap<>();
    queries.put("location", query("location", "name"));
    queries.put("encounter_type", query("encounter_type", "name"));
    queries.put("visittype", query("visit_type", "name"));
    queries.put("encounter_role", query("encounter_role", "name"));
    queries.put("patient_identifier_type", query("patient_identifier_type", "name"));
    queries.put("person_attribute_type", query("person_attribute_type", "name"));
    queries.put("visit_attribute_type", query("visit_attribute_type", "name"));
    queries.put("location_attribute_type", query("location_attribute_type", "name"));
    queries.put("provider_attribute_type", query("provider_attribute_type", "name"));
    // Two providers can have one name, but not one number.
    queries.put("provider", query("provider", "identifier"));
    return Collections.unmodifiableMap(queries);
  }

  private static String query(String table, String column) {
    return "SELECT uuid FROM " + table + " WHERE " + column + " = ? AND uuid <> ? AND retired = ?";
  }

  /**
   * Checks an object that is not here yet.
   *
   * @param name what people know it by; null when it has none
   * @throws SyncDuplicateException naming both, and what to do
   */
  static void check(Connection connection, String category, String uuid, String name)
      throws SQLException {
    String query = QUERIES.get(category);
    if (query == null || name == null || name.trim().isEmpty()) {
      return;
    }
    try (PreparedStatement statement = connection.prepareStatement(query)) {
      statement.setString(1, name);
      statement.setString(2, uuid);
      statement.setBoolean(3, false);
      try (ResultSet rows = statement.executeQuery()) {
        if (rows.next()) {
          String here = rows.getString(1);
          throw new SyncDuplicateException(words(category, uuid, name, here), name, here);
        }
      }
    }
  }

  private static String words(String category, String uuid, String name, String here) {
    return "the "
        + category
        + " '"
        + name
        + "' is "
        + here
        + " here and "
        + uuid
        + " there: if they are one, say so in the child's configuration, \"uuidMap\": {\""
        + category
        + "\": {\"the parent's uuid\": \"the child's\"}}; if not, rename one of them";
  }

  /** As {@link #check(Connection, String, String, String)}, in the transaction of the thread. */
  public static void check(String category, String uuid, String name) {
    HostSession.run(connection -> check(connection, category, uuid, name));
  }
}
