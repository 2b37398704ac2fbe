package org.openmrs.module.sync2.host;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Where OpenMRS keeps the objects of a category: the table that has their uuids, and the tables of
 * their parts. Asked in SQL, because locks and the mere presence of many objects need no entities.
 */
final class ObjectTable {

  /** A table whose rows belong to an object. */
  private static final class Part {
    final String table;
    final String key;

    Part(String table, String key) {
      this.table = table;
      this.key = key;
    }
  }

  private static final Map<String, ObjectTable> BY_CATEGORY = new HashMap<>();

  private static void add(String category, String table, String key, Part... parts) {
    BY_CATEGORY.put(category, new ObjectTable(table, table, key, Arrays.asList(parts)));
  }

  private static Part part(String table, String key) {
    return new Part(table, key);
  }

  static {
    add("person", "person", "person_id", name(), address(), attribute());
    BY_CATEGORY.put(
        "patient",
        new ObjectTable(
            "person",
            "person JOIN patient ON patient_id = person_id",
            "person_id",
            Arrays.asList(
                part("patient", "patient_id"),
                part("patient_identifier", "patient_id"),
                name(),
                address(),
                attribute())));
    add("encounter", "encounter", "encounter_id", part("encounter_provider", "encounter_id"));
    add("observation", "obs", "obs_id");
    add("visit", "visit", "visit_id", part("visit_attribute", "visit_id"));
    add(
        "location",
        "location",
        "location_id",
        part("location_attribute", "location_id"),
        part("location_tag_map", "location_id"));
    add("provider", "provider", "provider_id", part("provider_attribute", "provider_id"));
    add("encounter_type", "encounter_type", "encounter_type_id");
    add("visittype", "visit_type", "visit_type_id");
    add("encounter_role", "encounter_role", "encounter_role_id");
    add("patient_identifier_type", "patient_identifier_type", "patient_identifier_type_id");
    add("person_attribute_type", "person_attribute_type", "person_attribute_type_id");
    add("visit_attribute_type", "visit_attribute_type", "visit_attribute_type_id");
    add("location_attribute_type", "location_attribute_type", "location_attribute_type_id");
    add("provider_attribute_type", "provider_attribute_type", "provider_attribute_type_id");
    add("concept", "concept", "concept_id");
    add("relationship", "relationship", "relationship_id");
    add("condition", "conditions", "condition_id");
    add("allergy", "allergy", "allergy_id");
    add("medication", "drug", "drug_id");
    add("drug_order", "orders", "order_id");
  }

  private static Part name() {
    return part("person_name", "person_id");
  }

  private static Part address() {
    return part("person_address", "person_id");
  }

  private static Part attribute() {
    return part("person_attribute", "person_id");
  }

  /** Where an object has a row from the first on. */
  private final String root;

  /** Where an object has a row of its category. */
  private final String table;

  private final String key;
  private final List<Part> parts;

  private ObjectTable(String root, String table, String key, List<Part> parts) {
    this.root = root;
    this.table = table;
    this.key = key;
    this.parts = parts;
  }

  /** The table of a category; null when OpenMRS has none that is known here. */
  static ObjectTable of(String category) {
    return BY_CATEGORY.get(category);
  }

  /**
   * A query for the keys and uuids of the rows from the first on of so many uuids, without a lock.
   */
  String selectRows(int uuids) {
    return "SELECT " + key + ", uuid FROM " + root + " WHERE uuid IN (" + places(uuids) + ")";
  }

  /** Queries for the rows of the parts of so many objects, by their keys, without locks. */
  List<String> selectParts(int keys) {
    return parts.stream()
        .map(
            part ->
                "SELECT "
                    + part.key
                    + " FROM "
                    + part.table
                    + " WHERE "
                    + part.key
                    + " IN ("
                    + places(keys)
                    + ")")
        .collect(Collectors.toList());
  }

  /** A query for the patients' own rows of so many persons, without a lock. */
  static String selectPatients(int keys) {
    return "SELECT patient_id FROM patient WHERE patient_id IN (" + places(keys) + ")";
  }

  private static String places(int count) {
    return String.join(", ", Collections.nCopies(count, "?"));
  }

  /**
   * Locks the rows of an object and of its parts until the transaction ends, and waits for others
   * who have them.
   *
   * @return whether there is such an object, voided or not, or the person that it would be
   */
  boolean lock(Connection connection, String uuid) throws SQLException {
    Long id = lockRoot(connection, uuid);
    if (id == null) {
      return false;
    }
    for (Part part : parts) {
      lockPart(connection, part, id);
    }
    return true;
  }

  private Long lockRoot(Connection connection, String uuid) throws SQLException {
    String statement = "SELECT " + key + " FROM " + root + " WHERE uuid = ? FOR UPDATE";
    try (PreparedStatement prepared = connection.prepareStatement(statement)) {
      prepared.setString(1, uuid);
      try (ResultSet rows = prepared.executeQuery()) {
        return rows.next() ? rows.getLong(1) : null;
      }
    }
  }

  private static void lockPart(Connection connection, Part part, long id) throws SQLException {
    String statement =
        "SELECT " + part.key + " FROM " + part.table + " WHERE " + part.key + " = ? FOR UPDATE";
    try (PreparedStatement prepared = connection.prepareStatement(statement)) {
      prepared.setLong(1, id);
      prepared.executeQuery().close();
    }
  }

  /** Those of the uuids that are here, voided or not. */
  Set<String> present(Connection connection, List<String> uuids) throws SQLException {
    String statement =
        "SELECT uuid FROM " + table + " WHERE uuid IN (" + places(uuids.size()) + ")";
    Set<String> present = new HashSet<>();
    try (PreparedStatement prepared = connection.prepareStatement(statement)) {
      for (int index = 0; index < uuids.size(); index++) {
        prepared.setString(index + 1, uuids.get(index));
      }
      try (ResultSet rows = prepared.executeQuery()) {
        while (rows.next()) {
          present.add(rows.getString(1));
        }
      }
    }
    return present;
  }

  /** The uuids after that one, in their order in the database, voided or not, at most so many. */
  String[] list(Connection connection, String after, int most) throws SQLException {
    String statement = "SELECT uuid FROM " + table + " WHERE uuid > ? ORDER BY uuid LIMIT " + most;
    List<String> uuids = new ArrayList<>();
    try (PreparedStatement prepared = connection.prepareStatement(statement)) {
      prepared.setString(1, after == null ? "" : after);
      try (ResultSet rows = prepared.executeQuery()) {
        while (rows.next()) {
          uuids.add(rows.getString(1));
        }
      }
    }
    return uuids.toArray(new String[0]);
  }
}
