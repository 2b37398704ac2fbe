package org.openmrs.module.sync2.host;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.openmrs.module.sync2.kind.Kind;
import org.openmrs.module.sync2.kind.Kinds;
import org.openmrs.sync2.SyncDuplicateException;

/**
 * Metadata that is new here, and whose name another one has that is not retired: two servers where
 * somebody made the same thing by hand. It is never taken in as a second one of that name, which
 * OpenMRS refuses for some kinds and lets happen for others.
 */
public final class SameName {

  private SameName() {}

  /**
   * Checks an object that is not here yet.
   *
   * @param name what people know it by; null when it has none
   * @throws SyncDuplicateException naming both, and what to do
   */
  static void check(Connection connection, String category, String uuid, String name)
      throws SQLException {
    Kind kind = Kinds.of(category);
    String query = kind == null ? null : kind.queryOfName();
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
