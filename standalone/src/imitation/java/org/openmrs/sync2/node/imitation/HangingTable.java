package org.openmrs.sync2.node.imitation;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.openmrs.sync2.node.CascadeOrder;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowMapper;

/** The table of what hangs on what, and what is removed of it, in the caller's transaction. */
final class HangingTable {

  /** A resource by its FHIR type and id. */
  record Key(String type, String id) {}

  /**
   * A resource that hangs on another.
   *
   * @param label what a person knows it by
   * @param removal the removal that it went in; null while it is there
   */
  record Hanging(Key key, String label, String removal) {

    boolean isRemoved() {
      return removal != null;
    }
  }

  private static final String GROUP = "Observation";

  private static final RowMapper<Hanging> HANGING =
      (row, number) ->
          new Hanging(
              new Key(row.getString(1), row.getString(2)), row.getString(3), row.getString(4));

  private final JdbcTemplate jdbc;

  HangingTable(DataSource dataSource) {
    this.jdbc = new JdbcTemplate(dataSource);
  }

  /**
   * A resource is there, and hangs on these. Says nothing of the group that an observation is in.
   */
  void keep(Key key, String label, List<Key> owners) {
    jdbc.update(
        "MERGE INTO hanging_resource (fhir_type, fhir_id, label, removal, reason, document)"
            + " KEY (fhir_type, fhir_id) VALUES (?, ?, ?, NULL, NULL, NULL)",
        key.type,
        key.id,
        label);
    jdbc.update(
        "DELETE FROM hanging_owner WHERE fhir_type = ? AND fhir_id = ? AND owner_type <> ?",
        key.type,
        key.id,
        GROUP);
    owners.forEach(owner -> hang(key, owner));
  }

  /** The members of a group are these: each is in one group. */
  void keepMembers(Key group, List<Key> members) {
    jdbc.update(
        "DELETE FROM hanging_owner WHERE owner_type = ? AND owner_id = ?", group.type, group.id);
    for (Key member : members) {
      jdbc.update(
          "DELETE FROM hanging_owner WHERE fhir_type = ? AND fhir_id = ? AND owner_type = ?",
          member.type,
          member.id,
          GROUP);
      hang(member, group);
    }
  }

  private void hang(Key key, Key owner) {
    jdbc.update(
        "MERGE INTO hanging_owner (fhir_type, fhir_id, owner_type, owner_id) VALUES (?, ?, ?, ?)",
        key.type,
        key.id,
        owner.type,
        owner.id);
  }

  /** A resource is removed. What it said is kept until it comes back. */
  void remove(Key key, CascadeOrder order, String document) {
    jdbc.update(
        "UPDATE hanging_resource SET removal = ?, reason = ?, document = ? WHERE fhir_type = ?"
            + " AND fhir_id = ?",
        order.removal(),
        order.reason(),
        document,
        key.type,
        key.id);
  }

  /** The removal that a resource went in; null while it is there, and of one that is not kept. */
  String removalOf(Key key) {
    return ofRemoved("removal", key);
  }

  /** Why a resource was removed; null while it is there, and of one that is not kept. */
  String reasonOf(Key key) {
    return ofRemoved("reason", key);
  }

  /** Returns the document of a resource before it was removed. */
  String documentOf(Key key) {
    return ofRemoved("document", key);
  }

  private String ofRemoved(String column, Key key) {
    List<String> found =
        jdbc.queryForList(
            "SELECT "
                + column
                + " FROM hanging_resource WHERE fhir_type = ? AND fhir_id = ?"
                + " AND removal IS NOT NULL",
            String.class,
            key.type,
            key.id);
    return found.isEmpty() ? null : found.get(0);
  }

  /** The groups that a resource is in: none or one. */
  List<Key> groupsOf(Key key) {
    return jdbc.query(
        "SELECT owner_type, owner_id FROM hanging_owner WHERE fhir_type = ? AND fhir_id = ?"
            + " AND owner_type = ?",
        (row, number) -> new Key(row.getString(1), row.getString(2)),
        key.type,
        key.id,
        GROUP);
  }

  /** Returns the resources that hang on this one itself. */
  List<Hanging> directlyOn(Key owner) {
    return jdbc.query(
        "SELECT r.fhir_type, r.fhir_id, r.label, r.removal FROM hanging_owner o"
            + " JOIN hanging_resource r ON r.fhir_type = o.fhir_type AND r.fhir_id = o.fhir_id"
            + " WHERE o.owner_type = ? AND o.owner_id = ? ORDER BY r.fhir_type, r.fhir_id",
        HANGING,
        owner.type,
        owner.id);
  }

  /** The same, and what hangs on that. */
  List<Hanging> on(Key owner) {
    Map<Key, Hanging> found = new LinkedHashMap<>();
    find(owner, found);
    found.remove(owner);
    return List.copyOf(found.values());
  }

  private void find(Key owner, Map<Key, Hanging> found) {
    for (Hanging one : directlyOn(owner)) {
      if (found.putIfAbsent(one.key, one) == null) {
        find(one.key, found);
      }
    }
  }
}
