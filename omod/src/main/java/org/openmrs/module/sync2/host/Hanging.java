package org.openmrs.module.sync2.host;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.openmrs.sync2.SyncDependent;
import org.openmrs.sync2.jdbc.JdbcStatements;

/**
 * The objects that hang on an object in OpenMRS's tables: voiding it voids them, too. One query a
 * table.
 */
final class Hanging {

  private static final String VISITS =
      "SELECT v.uuid, CASE WHEN v.voided THEN 1 ELSE 0 END, CAST(v.date_started AS CHAR(19)),"
          + " t.name FROM visit v LEFT JOIN visit_type t ON t.visit_type_id = v.visit_type_id";

  private static final String ENCOUNTERS =
      "SELECT e.uuid, CASE WHEN e.voided THEN 1 ELSE 0 END,"
          + " CAST(e.encounter_datetime AS CHAR(19)), t.name FROM encounter e"
          + " LEFT JOIN encounter_type t ON t.encounter_type_id = e.encounter_type";

  /** The question, and so the finding, is not said. */
  private static final String OBSERVATIONS =
      "SELECT o.uuid, CASE WHEN o.voided THEN 1 ELSE 0 END, CAST(o.obs_datetime AS CHAR(19)), NULL"
          + " FROM obs o";

  private static final int DAY = 10;

  private final Connection connection;
  private final Map<String, SyncDependent> found = new LinkedHashMap<>();

  private Hanging(Connection connection) {
    this.connection = connection;
  }

  /** Everything that hangs on the object; nothing on one of a kind that takes nothing along. */
  static List<SyncDependent> on(Connection connection, String category, String uuid)
      throws SQLException {
    Hanging hanging = new Hanging(connection);
    hanging.find(category, uuid);
    return new ArrayList<>(hanging.found.values());
  }

  private void find(String category, String uuid) throws SQLException {
    switch (category) {
      case "patient":
      case "person":
        add(
            "visit",
            VISITS + " JOIN person p ON p.person_id = v.patient_id WHERE p.uuid = ?",
            uuid);
        add(
            "encounter",
            ENCOUNTERS + " JOIN person p ON p.person_id = e.patient_id WHERE p.uuid = ?",
            uuid);
        // OpenMRS leaves an observation that stands for itself, and one whose encounter was moved.
        add(
            "observation",
            OBSERVATIONS
                + " JOIN encounter e ON e.encounter_id = o.encounter_id"
                + " JOIN person p ON p.person_id = e.patient_id WHERE p.uuid = ?",
            uuid);
        break;
      case "visit":
        add(
            "encounter",
            ENCOUNTERS + " JOIN visit v ON v.visit_id = e.visit_id WHERE v.uuid = ?",
            uuid);
        add(
            "observation",
            OBSERVATIONS
                + " JOIN encounter e ON e.encounter_id = o.encounter_id"
                + " JOIN visit v ON v.visit_id = e.visit_id WHERE v.uuid = ?",
            uuid);
        break;
      case "encounter":
        add(
            "observation",
            OBSERVATIONS + " JOIN encounter e ON e.encounter_id = o.encounter_id WHERE e.uuid = ?",
            uuid);
        break;
      case "observation":
        for (String member : members(uuid)) {
          find("observation", member);
        }
        break;
      default:
    }
  }

  /** Those of a group that were not found before. */
  private List<String> members(String group) throws SQLException {
    List<String> before = new ArrayList<>(found.keySet());
    add(
        "observation",
        OBSERVATIONS + " JOIN obs g ON g.obs_id = o.obs_group_id WHERE g.uuid = ?",
        group);
    List<String> members = new ArrayList<>(found.keySet());
    members.removeAll(before);
    return members;
  }

  private void add(String category, String query, String uuid) throws SQLException {
    for (Object[] row : JdbcStatements.query(connection, query, new Object[] {uuid})) {
      String dependent = (String) row[0];
      boolean removed = Long.valueOf(1).equals(row[1]);
      found.putIfAbsent(
          dependent, new SyncDependent(category, dependent, removed, label(category, row)));
    }
  }

  private static String label(String category, Object[] row) {
    String date = row[2] == null ? "" : row[2].toString();
    String day = date.length() > DAY ? date.substring(0, DAY) : date;
    String type = row[3] == null ? "" : " (" + row[3] + ")";
    return category + " of " + day + type;
  }

  /** The tables of objects that others hang on: how they name the row, and whether it is voided. */
  private static final Map<String, String> REASONS = reasons();

  private static Map<String, String> reasons() {
    String named = " LEFT JOIN users u ON u.user_id = ";
    String select =
        ".void_reason, COALESCE(u.username, u.system_id), CAST(x.date_voided AS CHAR(10)) FROM ";
    Map<String, String> reasons = new HashMap<>();
    reasons.put(
        "patient",
        "SELECT p.uuid, x"
            + select
            + "patient x JOIN person p ON p.person_id = x.patient_id"
            + named
            + "x.voided_by WHERE x.voided = TRUE AND p.uuid");
    for (String table : new String[] {"person", "visit", "encounter", "obs"}) {
      reasons.put(
          table.equals("obs") ? "observation" : table,
          "SELECT x.uuid, x"
              + select
              + table
              + " x"
              + named
              + "x.voided_by WHERE x.voided = TRUE AND x.uuid");
    }
    return Collections.unmodifiableMap(reasons);
  }

  private static final String SURVIVORS =
      "SELECT l.uuid, w.uuid FROM person_merge_log m JOIN person l ON l.person_id ="
          + " m.loser_person_id JOIN person w ON w.person_id = m.winner_person_id WHERE m.voided ="
          + " FALSE AND l.uuid";

  /** By uuid why each of them is voided; not those that are not. */
  static Map<String, String> reasons(Connection connection, String category, List<String> uuids)
      throws SQLException {
    String query = REASONS.get(category);
    if (query == null) {
      return Collections.emptyMap();
    }
    Map<String, String> reasons = new HashMap<>();
    for (Object[] row : in(connection, query, uuids)) {
      String reason = row[1] == null ? "" : row[1].toString();
      reasons.put((String) row[0], reason + by(row[2], row[3]));
    }
    if (category.equals("patient") && !reasons.isEmpty()) {
      for (Object[] row : in(connection, SURVIVORS, new ArrayList<>(reasons.keySet()))) {
        reasons.merge(
            (String) row[0],
            "merged into patient/" + row[1],
            (why, survivor) -> survivor + ": " + why);
      }
    }
    return reasons;
  }

  /** Who did it and when, as far as that is known. */
  private static String by(Object user, Object day) {
    if (user == null) {
      return "";
    }
    return " (" + user + (day == null ? "" : ", " + day) + ")";
  }

  private static Object[][] in(Connection connection, String query, List<String> uuids)
      throws SQLException {
    String marks = String.join(", ", Collections.nCopies(uuids.size(), "?"));
    return JdbcStatements.query(connection, query + " IN (" + marks + ")", uuids.toArray());
  }
}
