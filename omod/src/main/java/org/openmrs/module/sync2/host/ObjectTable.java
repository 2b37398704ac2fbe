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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where OpenMRS keeps the objects of a category: the table that has their uuids, and the tables of
 * their parts. Asked in SQL, because locks and the mere presence of many objects need no entities.
 */
final class ObjectTable {

  /** A table whose rows belong to an object. */
  private static final class Part {
    final String table;

    /** What a row is known by; where it has nothing of its own, the object's key. */
    final String id;

    /** Whose it is. */
    final String key;

    Part(String table, String id, String key) {
      this.table = table;
      this.id = id;
      this.key = key;
    }
  }

  private static final Map<String, ObjectTable> BY_CATEGORY = new HashMap<>();

  private static void add(String category, String table, String key, Part... parts) {
    BY_CATEGORY.put(category, new ObjectTable(table, table, key, Arrays.asList(parts)));
  }

  private static Part part(String table, String key) {
    return new Part(table, table + "_id", key);
  }

  private static Part partWithoutId(String table, String key) {
    return new Part(table, key, key);
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
                partWithoutId("patient", "patient_id"),
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
        partWithoutId("location_tag_map", "location_id"));
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

  /** The table where an object has a row from the first on. */
  String root() {
    return root;
  }

  /**
   * A query for the keys and uuids of the rows from the first on of so many uuids, without a lock.
   */
  String selectRows(int uuids) {
    return "SELECT " + key + ", uuid FROM " + root + " WHERE uuid IN (" + places(uuids) + ")";
  }

  /**
   * By table, in one order, queries for the ids of the parts of so many objects, by the objects'
   * keys, without locks.
   */
  Map<String, String> selectParts(int keys) {
    Map<String, String> statements = new LinkedHashMap<>();
    for (Part part : parts) {
      String where = " WHERE " + part.key + " IN (" + places(keys) + ")";
      statements.put(part.table, "SELECT " + part.id + " FROM " + part.table + where);
    }
    return statements;
  }

  /** A query for the patients' own rows of so many persons, without a lock. */
  static String selectPatients(int keys) {
    return "SELECT patient_id FROM patient WHERE patient_id IN (" + places(keys) + ")";
  }

  private static String places(int count) {
    return String.join(", ", Collections.nCopies(count, "?"));
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
