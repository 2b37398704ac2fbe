package org.openmrs.module.sync2.host;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.openmrs.module.sync2.kind.Kind;
import org.openmrs.module.sync2.kind.Kinds;
import org.openmrs.sync2.jdbc.JdbcStatements;

/**
 * Where objects belong, as OpenMRS's tables say it: at their encounter's location, else at their
 * own, else at their patient's, who is at those of the identifiers. Voided objects belong where
 * they did.
 */
final class Places {

  /** The place of what everybody needs. */
  private static final String ANYWHERE = "*";

  /** The identifiers of a patient who is voided are voided, too. */
  private static final String OF_PATIENTS =
      "SELECT p.uuid, l.uuid FROM person p JOIN patient x ON x.patient_id = p.person_id"
          + " LEFT JOIN patient_identifier i ON i.patient_id = x.patient_id"
          + " AND (i.voided = FALSE OR x.voided = TRUE)"
          + " LEFT JOIN location l ON l.location_id = i.location_id WHERE p.uuid";

  private static final String OF_PROVIDERS =
      "SELECT DISTINCT p.uuid FROM person p JOIN provider x ON x.person_id = p.person_id WHERE"
          + " p.uuid";

  private static final String PERSONS = "SELECT p.uuid FROM person p WHERE p.uuid";

  private final Connection connection;

  private Places(Connection connection) {
    this.connection = connection;
  }

  /**
   * By uuid the place of each of those that are here, as {@link org.openmrs.sync2.SyncHost#places}
   * tells it. Nothing of a category that is not known here.
   */
  static Map<String, String> of(Connection connection, String category, List<String> uuids)
      throws SQLException {
    Places places = new Places(connection);
    switch (category) {
      case "patient":
        return joined(places.ofPatients(uuids));
      case "person":
        return places.ofPersons(uuids);
      default:
        Kind kind = Kinds.of(category);
        String query = kind == null ? null : kind.place();
        return query == null ? Collections.emptyMap() : joined(places.ofObjects(query, uuids));
    }
  }

  private Map<String, Set<String>> ofObjects(String query, List<String> uuids) throws SQLException {
    Map<String, Set<String>> places = new LinkedHashMap<>();
    Map<String, Set<String>> patients = new HashMap<>();
    for (Object[] row : in(query + " WHERE x.uuid", uuids)) {
      String uuid = (String) row[0];
      Set<String> place = places.computeIfAbsent(uuid, key -> new TreeSet<>());
      if (row[1] != null) {
        place.add((String) row[1]);
      } else {
        patients.computeIfAbsent(uuid, key -> new HashSet<>()).add((String) row[2]);
      }
    }
    Set<String> all = new HashSet<>();
    patients.values().forEach(all::addAll);
    Map<String, Set<String>> ofPatients = ofPatients(all);
    patients.forEach(
        (uuid, some) ->
            some.forEach(
                patient ->
                    places
                        .get(uuid)
                        .addAll(ofPatients.getOrDefault(patient, Collections.emptySet()))));
    return places;
  }

  private Map<String, Set<String>> ofPatients(Collection<String> uuids) throws SQLException {
    Map<String, Set<String>> places = new LinkedHashMap<>();
    for (Object[] row : in(OF_PATIENTS, uuids)) {
      Set<String> place = places.computeIfAbsent((String) row[0], key -> new TreeSet<>());
      if (row[1] != null) {
        place.add((String) row[1]);
      }
    }
    return places;
  }

  /**
   * A person who is a patient belongs where that one does; a provider, who is no patient, to all.
   */
  private Map<String, String> ofPersons(List<String> uuids) throws SQLException {
    Map<String, String> places = new HashMap<>();
    for (Object[] row : in(PERSONS, uuids)) {
      places.put((String) row[0], "");
    }
    for (Object[] row : in(OF_PROVIDERS, uuids)) {
      places.put((String) row[0], ANYWHERE);
    }
    places.putAll(joined(ofPatients(uuids)));
    return places;
  }

  private static Map<String, String> joined(Map<String, Set<String>> places) {
    Map<String, String> joined = new HashMap<>();
    places.forEach((uuid, locations) -> joined.put(uuid, String.join(",", locations)));
    return joined;
  }

  private Object[][] in(String query, Collection<String> uuids) throws SQLException {
    if (uuids.isEmpty()) {
      return new Object[0][];
    }
    String marks = String.join(", ", Collections.nCopies(uuids.size(), "?"));
    return JdbcStatements.query(connection, query + " IN (" + marks + ")", uuids.toArray());
  }
}
