package org.openmrs.module.sync2.kind;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where OpenMRS keeps the objects of a kind: the table that has their uuids, and the tables of
 * their parts. Asked in SQL, because locks and the mere presence of many objects need no entities.
 */
public final class Table {

  /** A table whose rows belong to an object. */
  private static final class Rows {
    final String table;

    /** The id of a row; where it has nothing of its own, the object's key. */
    final String id;

    /** Whose it is. */
    final String key;

    Rows(String table, String id, String key) {
      this.table = table;
      this.id = id;
      this.key = key;
    }
  }

  /** Where an object has a row from the first on. */
  private final String root;

  /** Where an object has a row of its category. */
  private final String table;

  private final String key;
  private final List<Rows> parts = new ArrayList<>();

  private Table(String root, String table, String key) {
    this.root = root;
    this.table = table;
    this.key = key;
  }

  /**
   * A table that has the uuids of the objects.
   *
   * @param key its primary key
   */
  static Table of(String table, String key) {
    return new Table(table, table, key);
  }

  /**
   * A table whose rows are objects of this kind only where another one has a row of the same key.
   *
   * @param own that other one
   * @param ownKey its primary key
   */
  static Table ofBoth(String table, String key, String own, String ownKey) {
    return new Table(table, table + " JOIN " + own + " ON " + ownKey + " = " + key, key)
        .withRows(own, ownKey);
  }

  /** Its parts have rows there, known by an id, which name the object by its key. */
  Table with(String table, String key) {
    parts.add(new Rows(table, table + "_id", key));
    return this;
  }

  /** Rows there have nothing of their own to be known by. */
  Table withRows(String table, String key) {
    parts.add(new Rows(table, key, key));
    return this;
  }

  /** The table where an object has a row from the first on. */
  public String root() {
    return root;
  }

  /**
   * A query for the keys and uuids of the rows from the first on of so many uuids, without a lock.
   */
  public String selectRows(int uuids) {
    return "SELECT " + key + ", uuid FROM " + root + " WHERE uuid IN (" + places(uuids) + ")";
  }

  /**
   * By table, in one order, queries for the ids of the parts of so many objects, by the objects'
   * keys, without locks.
   */
  public Map<String, String> selectParts(int keys) {
    Map<String, String> statements = new LinkedHashMap<>();
    for (Rows part : parts) {
      String where = " WHERE " + part.key + " IN (" + places(keys) + ")";
      statements.put(part.table, "SELECT " + part.id + " FROM " + part.table + where);
    }
    return statements;
  }

  /** A query for the patients' own rows of so many persons, without a lock. */
  public static String selectPatients(int keys) {
    return "SELECT patient_id FROM patient WHERE patient_id IN (" + places(keys) + ")";
  }

  private static String places(int count) {
    return String.join(", ", Collections.nCopies(count, "?"));
  }

  /** Those of the uuids that are here, voided or not. */
  public Set<String> present(Connection connection, List<String> uuids) throws SQLException {
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
  public String[] list(Connection connection, String after, int most) throws SQLException {
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
