package org.openmrs.sync2.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.openmrs.sync2.jdbc.JdbcStatements;
import org.openmrs.sync2.node.demo.DemoParts;

/** The database of a node with the smallest host, read with statements of the test's own. */
final class LightDatabase {

  private final DataSource database;

  LightDatabase(DataSource database) throws SQLException {
    this.database = database;
    try (Connection connection = database.getConnection()) {
      JdbcStatements.update(
          connection,
          "CREATE TABLE saves (category VARCHAR(64) NOT NULL, uuid VARCHAR(64) NOT NULL,"
              + " times INT NOT NULL, PRIMARY KEY (category, uuid))",
          new Object[0]);
    }
  }

  private Object[][] query(String statement, Object... parameters) throws SQLException {
    try (Connection connection = database.getConnection()) {
      return JdbcStatements.query(connection, statement, parameters);
    }
  }

  private long count(String statement) throws SQLException {
    return (Long) query(statement)[0][0];
  }

  /** How many events the feeds' markers have passed. */
  long passedEvents() throws SQLException {
    return count("SELECT COALESCE(SUM(events), 0) FROM sync2_marker");
  }

  /** Every object is here as the parent has it, and nothing else is. */
  void assertHoldsWhatTheParentHas(NodeHttp parent) throws Exception {
    for (String category : NodeHttp.LISTS.keySet()) {
      Map<String, ObjectNode> theirs = parent.objects(category);
      Map<String, ObjectNode> ours = objects(category);
      assertSame(category, theirs.keySet(), ours.keySet());
      theirs.forEach(
          (uuid, document) ->
              assertEquals(
                  List.of(),
                  DemoParts.differences(document, ours.get(uuid)),
                  category + " " + uuid));
    }
  }

  private Map<String, ObjectNode> objects(String category) throws SQLException, IOException {
    Map<String, ObjectNode> objects = new TreeMap<>();
    for (Object[] row :
        query(
            "SELECT uuid, document FROM host_object WHERE removed = 0 AND category = ?",
            category)) {
      objects.put((String) row[0], (ObjectNode) NodeHttp.MAPPER.readTree((byte[]) row[1]));
    }
    return objects;
  }

  /** What is stored under a uuid. */
  byte[] document(String uuid) throws SQLException {
    return (byte[]) query("SELECT document FROM host_object WHERE uuid = ?", uuid)[0][0];
  }

  /**
   * The audit has each event of the parent's feeds once, nothing is parked, and each marker stands
   * at the end of its feed.
   */
  void assertAuditsEachEventOnce(NodeHttp parent) throws Exception {
    for (String category : NodeHttp.LISTS.keySet()) {
      List<String> published = parent.eventIds(category);
      List<String> audited = auditedEvents(category);
      assertSame("events of " + category, Set.copyOf(published), Set.copyOf(audited));
      assertEquals(published.size(), audited.size(), "messages of " + category);
      Object[] marker =
          query("SELECT entry_id, events FROM sync2_marker WHERE feed = ?", category)[0];
      assertEquals(published.get(published.size() - 1), marker[0], "the marker of " + category);
      assertEquals((long) published.size(), marker[1], "passed events of " + category);
    }
    assertEquals(0, parked());
  }

  /** Those of the feed; an object that was fetched for a reference has a message of the run's. */
  private List<String> auditedEvents(String category) throws SQLException {
    String epoch =
        (String) query("SELECT feed_epoch FROM sync2_marker WHERE feed = ?", category)[0][0];
    List<String> ids = new ArrayList<>();
    for (Object[] row :
        query(
            "SELECT feed_epoch, event_id FROM sync2_audit_message WHERE category = ?", category)) {
      if (id(row[0]).equals(epoch)) {
        ids.add(id(row[1]));
      }
    }
    return ids;
  }

  /** An id of the audit: a uuid in 16 bytes, one behind a prefix in 17, or a text. */
  private static String id(Object column) {
    ByteBuffer bytes = ByteBuffer.wrap((byte[]) column);
    String prefix = "";
    if (bytes.remaining() != 16) {
      int first = bytes.get();
      if (first == 0) {
        return StandardCharsets.UTF_8.decode(bytes).toString();
      }
      prefix = List.of("urn:uuid:", "tag:atomfeed.ict4h.org:").get(first - 1);
    }
    return prefix + new UUID(bytes.getLong(), bytes.getLong());
  }

  long parked() throws SQLException {
    return count("SELECT COUNT(*) FROM sync2_parked");
  }

  /** Each object was saved exactly as often as the audit says {@code APPLIED}. */
  void assertSavedAsOftenAsAudited() throws SQLException {
    assertSame(
        "saves",
        rows(
                "SELECT category, object_uuid, COUNT(*) FROM sync2_audit_message"
                    + " WHERE status = 'APPLIED' GROUP BY category, object_uuid")
            .stream()
            .map(row -> List.of(row.get(0), id(row.get(1)), row.get(2)))
            .collect(Collectors.toSet()),
        rows("SELECT category, uuid, times FROM saves"));
  }

  /** Every object is at this parent as the child has it, and nothing else is. */
  void assertHoldsWhatTheChildHas(LightDatabase child) throws Exception {
    for (String category : List.of("patient", "encounter")) {
      Map<String, ObjectNode> theirs = child.objects(category);
      Map<String, ObjectNode> ours = objects(category);
      assertSame(category, theirs.keySet(), ours.keySet());
      assertEquals(theirs, ours);
    }
  }

  /** How many objects were saved. */
  long saves() throws SQLException {
    return count("SELECT COUNT(*) FROM saves");
  }

  /** How many objects there is an agreement of with the parent. */
  long agreements() throws SQLException {
    return count("SELECT COUNT(*) FROM sync2_object_state");
  }

  /** So many objects were saved, each once. */
  void assertSavedOnce(long objects) throws SQLException {
    assertEquals(Set.of(), rows("SELECT category, uuid, times FROM saves WHERE times > 1"));
    assertEquals(objects, saves());
  }

  /**
   * The audit has each of so many events of the own feed once, the marker stands at its end, and
   * nothing is parked, in conflict or without an answer.
   */
  void assertPushedEachEventOnce(long events) throws SQLException {
    assertEquals(events, count("SELECT COUNT(*) FROM sync2_event"));
    assertSame(
        "events",
        rows("SELECT uuid FROM sync2_event"),
        rows("SELECT event_id FROM sync2_audit_message WHERE direction = 'push'").stream()
            .map(row -> List.<Object>of(id(row.get(0))))
            .collect(Collectors.toSet()));
    assertEquals(events, count("SELECT COUNT(*) FROM sync2_audit_message"), "messages");
    assertEquals(
        rows("SELECT uuid, event_no FROM sync2_event ORDER BY event_no DESC LIMIT 1"),
        rows("SELECT entry_id, events FROM sync2_marker WHERE direction = 'push'"),
        "the marker");
    for (String table : List.of("sync2_parked", "sync2_dispute", "sync2_pending", "sync2_outbox")) {
      assertEquals(0, count("SELECT COUNT(*) FROM " + table), table);
    }
  }

  /** Like an assertion of equality, but it names only what is not on both sides. */
  private static <T> void assertSame(String what, Set<T> expected, Set<T> found) {
    assertEquals(Set.of(), without(expected, found), what + ": missing");
    assertEquals(Set.of(), without(found, expected), what + ": too much");
  }

  private static <T> Set<T> without(Set<T> all, Set<T> others) {
    Set<T> rest = new HashSet<>(all);
    rest.removeAll(others);
    return rest;
  }

  private Set<List<Object>> rows(String statement) throws SQLException {
    Set<List<Object>> rows = new HashSet<>();
    for (Object[] row : query(statement)) {
      rows.add(List.of(row));
    }
    return rows;
  }

  /** How many messages there are of each status, for people. */
  String statuses() throws SQLException {
    return rows("SELECT status, COUNT(*) FROM sync2_audit_message GROUP BY status").toString();
  }
}
