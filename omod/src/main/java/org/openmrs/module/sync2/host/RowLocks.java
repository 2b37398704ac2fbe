package org.openmrs.module.sync2.host;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.openmrs.module.sync2.kind.Kind;
import org.openmrs.module.sync2.kind.Kinds;
import org.openmrs.module.sync2.kind.Table;

/**
 * Locks rows of many objects before anything is written: by table in one order, and in each table
 * by uuid. Whoever writes an encounter holds its patient shared by the foreign key; to ask for more
 * of that patient later is how two that save at once wait for each other.
 */
final class RowLocks {

  /** Longer lists are cut, so that a statement stays within what databases take. */
  private static final int UUIDS_OF_A_STATEMENT = 200;

  private final Connection connection;
  private final BiConsumer<String, Collection<Long>> cache;

  /**
   * Locks in the transaction of this connection.
   *
   * @param cache told the table and the keys of the rows that are locked to be written: what it has
   *     of them may not be what the database has
   */
  RowLocks(Connection connection, BiConsumer<String, Collection<Long>> cache) {
    this.connection = connection;
    this.cache = cache;
  }

  /**
   * Locks objects to write them, and others so that they stay as they are.
   *
   * @param written uuids by category
   * @param referred uuids by category
   * @return of those that are written, by category, the uuids that have a row, of a patient also
   *     where only the person is here; of categories without a table nothing
   */
  Map<String, Set<String>> lock(
      Map<String, List<String>> written, Map<String, List<String>> referred) throws SQLException {
    Map<String, Set<String>> here = new HashMap<>();
    for (Kind kind : Kinds.all()) {
      if (kind.table() != null) {
        lock(kind, uuids(written, kind), here);
      }
      if (kind.isHeldWhenReferredTo()) {
        share(kind, uuids(referred, kind));
      }
    }
    return here;
  }

  private static Collection<String> uuids(Map<String, List<String>> byCategory, Kind kind) {
    return new TreeSet<>(byCategory.getOrDefault(kind.category(), Collections.emptyList()));
  }

  private void lock(Kind kind, Collection<String> uuids, Map<String, Set<String>> here)
      throws SQLException {
    if (uuids.isEmpty()) {
      return;
    }
    Table table = kind.table();
    Map<Long, String> rows = new TreeMap<>();
    for (List<String> portion : Portions.of(uuids, UUIDS_OF_A_STATEMENT)) {
      rows.putAll(rows(table.selectRows(portion.size()) + " FOR UPDATE", portion));
    }
    // As databases compare them, not all of which tell upper case from lower.
    Set<String> found = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    found.addAll(rows.values());
    here.put(kind.category(), found);
    cache.accept(table.root(), rows.keySet());
    for (List<Long> portion : Portions.of(rows.keySet(), UUIDS_OF_A_STATEMENT)) {
      lockParts(table, portion);
    }
  }

  private void lockParts(Table table, List<Long> keys) throws SQLException {
    for (Map.Entry<String, String> part : table.selectParts(keys.size()).entrySet()) {
      cache.accept(part.getKey(), select(part.getValue() + " FOR UPDATE", keys));
    }
  }

  private void share(Kind kind, Collection<String> uuids) throws SQLException {
    Table table = kind.table();
    for (List<String> portion : Portions.of(uuids, UUIDS_OF_A_STATEMENT)) {
      Set<Long> ids = rows(table.selectRows(portion.size()) + shared(), portion).keySet();
      if (kind == Kinds.PATIENT && !ids.isEmpty()) {
        // A written object refers to the patient's own row.
        select(Table.selectPatients(ids.size()) + shared(), ids);
      }
    }
  }

  private String shared() throws SQLException {
    switch (connection.getMetaData().getDatabaseProductName()) {
      case "MySQL":
      case "MariaDB":
        return " LOCK IN SHARE MODE";
      case "PostgreSQL":
        return " FOR SHARE";
      default:
        return " FOR UPDATE";
    }
  }

  /** The rows' uuids by their keys. */
  private Map<Long, String> rows(String statement, Collection<String> uuids) throws SQLException {
    Map<Long, String> found = new TreeMap<>();
    try (PreparedStatement prepared = prepared(statement, uuids);
        ResultSet rows = prepared.executeQuery()) {
      while (rows.next()) {
        found.put(rows.getLong(1), rows.getString(2));
      }
    }
    return found;
  }

  /** The first column of each row. */
  private List<Long> select(String statement, Collection<Long> keys) throws SQLException {
    List<Long> found = new ArrayList<>();
    try (PreparedStatement prepared = prepared(statement, keys);
        ResultSet rows = prepared.executeQuery()) {
      while (rows.next()) {
        found.add(rows.getLong(1));
      }
    }
    return found;
  }

  private PreparedStatement prepared(String statement, Collection<?> parameters)
      throws SQLException {
    PreparedStatement prepared = connection.prepareStatement(statement);
    int place = 0;
    for (Object parameter : parameters) {
      prepared.setObject(++place, parameter);
    }
    return prepared;
  }
}
