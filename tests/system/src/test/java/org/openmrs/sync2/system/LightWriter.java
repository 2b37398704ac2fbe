package org.openmrs.sync2.system;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.sql.DataSource;
import org.openmrs.sync2.Change;
import org.openmrs.sync2.Outbox;
import org.openmrs.sync2.jdbc.JdbcStatements;

/**
 * What local users do to a light child: each change is captured in the transaction that makes it.
 */
final class LightWriter {

  private static final String PRODUCT = "MariaDB";
  private static final String SAVE =
      "INSERT INTO host_object (category, uuid, removed, document) VALUES (?, ?, 0, ?)"
          + " ON DUPLICATE KEY UPDATE removed = 0, document = VALUES(document)";

  private final DataSource database;
  private final Outbox outbox = Outbox.of(PRODUCT);

  /**
   * @param database in which an engine has been opened
   */
  LightWriter(DataSource database) {
    this.database = database;
  }

  /** Saves FHIR resources in one transaction, which says this of each. */
  void save(Change.Action action, ObjectNode... resources) throws SQLException {
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      List<Change> changes = new ArrayList<>();
      for (ObjectNode resource : resources) {
        String category = resource.get("resourceType").asText().toLowerCase(Locale.ROOT);
        String uuid = resource.get("id").asText();
        byte[] document = resource.toString().getBytes(UTF_8);
        JdbcStatements.update(connection, SAVE, new Object[] {category, uuid, document});
        changes.add(Change.of(category, uuid, action));
      }
      outbox.write(connection, changes);
      connection.commit();
    }
  }
}
