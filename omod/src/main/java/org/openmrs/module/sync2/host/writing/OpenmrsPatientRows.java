package org.openmrs.module.sync2.host.writing;

import java.sql.PreparedStatement;
import java.sql.Timestamp;
import java.util.Date;
import org.openmrs.Patient;
import org.openmrs.Person;
import org.openmrs.User;
import org.openmrs.api.context.Context;
import org.openmrs.module.sync2.host.HostSession;

/** The table of patients of this server. */
public final class OpenmrsPatientRows implements PatientRow.Rows {

  private static final String INSERT =
      "INSERT INTO patient (patient_id, creator, date_created, voided, allergy_status)"
          + " VALUES (?, ?, ?, ?, ?)";

  @Override
  public void insert(Integer personId, User creator, Date dateCreated) {
    HostSession.run(
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
            statement.setInt(1, personId);
            statement.setInt(2, creator.getUserId());
            statement.setTimestamp(3, new Timestamp(dateCreated.getTime()));
            statement.setBoolean(4, false);
            statement.setString(5, new Patient().getAllergyStatus());
            statement.executeUpdate();
          }
        });
  }

  @Override
  public void forget(Person person) {
    HostSession.forget(Person.class, person, person.getPersonId());
  }

  @Override
  public Patient load(String uuid) {
    return Context.getPatientService().getPatientByUuid(uuid);
  }

  /** The index holds with each name and attribute whether it is a patient's. */
  @Override
  public void index(Patient patient) {
    patient.getNames().forEach(Context::updateSearchIndexForObject);
    patient.getAttributes().forEach(Context::updateSearchIndexForObject);
  }
}
