package org.openmrs.module.sync2.host.rest;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.Date;
import org.openmrs.Patient;
import org.openmrs.Person;
import org.openmrs.User;
import org.openmrs.api.context.Context;
import org.openmrs.module.sync2.host.HostSession;

/**
 * Makes a patient of a person that is here: the patient's row is added to the person's. Hibernate
 * cannot change the class of an object that it has loaded.
 */
final class PatientRow {

  private static final String INSERT =
      "INSERT INTO patient (patient_id, creator, date_created, voided, allergy_status)"
          + " VALUES (?, ?, ?, ?, ?)";

  private PatientRow() {}

  /**
   * Adds the row and lets go of the person, so that what is loaded next is a patient.
   *
   * @param creator null for the user of the thread
   * @param dateCreated null for now
   */
  static void insert(Person person, User creator, Date dateCreated) {
    Context.flushSession();
    User user = creator == null ? Context.getAuthenticatedUser() : creator;
    Date date = dateCreated == null ? new Date() : dateCreated;
    HostSession.run(connection -> insert(connection, person.getPersonId(), user, date));
    Context.evictEntity(person);
    Context.evictFromSession(person);
  }

  private static void insert(Connection connection, Integer personId, User creator, Date date)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
      statement.setInt(1, personId);
      statement.setInt(2, creator.getUserId());
      statement.setTimestamp(3, new Timestamp(date.getTime()));
      statement.setBoolean(4, false);
      statement.setString(5, new Patient().getAllergyStatus());
      statement.executeUpdate();
    }
  }
}
