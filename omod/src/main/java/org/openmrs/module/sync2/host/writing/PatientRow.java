package org.openmrs.module.sync2.host.writing;

import java.util.Date;
import org.openmrs.Patient;
import org.openmrs.Person;
import org.openmrs.User;

/**
 * Makes a patient of a person that is here: the patient's row is added to the person's. Hibernate
 * cannot change the class of an object that it has loaded.
 */
public final class PatientRow {

  /** Where the row is added. */
  public interface Rows {

    /** Adds the row in SQL. */
    void insert(Integer personId, User creator, Date dateCreated);

    /** Lets go of the person in the session and in the cache behind it. */
    void forget(Person person);

    /** Loads the patient. */
    Patient load(String uuid);

    /** Makes a patient that is in the database be found by its names and attributes. */
    void index(Patient patient);
  }

  private final Writing writing;
  private final Rows rows;

  /** Adds rows there, within the writing of one document. */
  public PatientRow(Writing writing, Rows rows) {
    this.writing = writing;
    this.rows = rows;
  }

  /**
   * Adds the row. What is loaded from then on is a patient.
   *
   * @param creator null for the user of the session
   * @param dateCreated null for now
   * @return the patient, live
   */
  public Patient promote(Person person, User creator, Date dateCreated) {
    WritingSession session = writing.session();
    session.flush();
    rows.insert(
        person.getPersonId(),
        creator == null ? session.user() : creator,
        dateCreated == null ? session.now() : dateCreated);
    rows.forget(person);
    Patient patient = Removal.restorePerson(rows.load(person.getUuid()));
    writing.afterwards(() -> rows.index(patient));
    return patient;
  }
}
