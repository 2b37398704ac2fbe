package org.openmrs.module.sync2.kind;

/**
 * SQL for where objects {@code x} belong: rows of their uuid, that of their location, and that of
 * their patient; the last two may be null. Where there is no location, the patient's count.
 */
final class PlaceQuery {

  private PlaceQuery() {}

  /** At their own location. */
  static String atItself(String table, String patient) {
    return "SELECT x.uuid, l.uuid, p.uuid FROM "
        + table
        + " x LEFT JOIN location l ON l.location_id = x.location_id"
        + " JOIN person p ON p.person_id = "
        + patient;
  }

  /** Where their patient does, or each of their patients: a row for each. */
  static String ofPatients(String table, String... patients) {
    return "SELECT x.uuid, NULL, p.uuid FROM "
        + table
        + " x JOIN person p ON p.person_id IN ("
        + String.join(", ", patients)
        + ")";
  }
}
