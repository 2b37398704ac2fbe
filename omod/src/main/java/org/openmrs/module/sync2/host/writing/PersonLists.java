package org.openmrs.module.sync2.host.writing;

import org.openmrs.Patient;
import org.openmrs.PatientIdentifier;
import org.openmrs.Person;
import org.openmrs.PersonAddress;
import org.openmrs.PersonAttribute;
import org.openmrs.PersonName;

/**
 * Adds to the lists of a person and a patient themselves: the methods of {@link Person} and {@link
 * Patient} leave out what equals something else, voided or not, and void attributes of the same
 * type.
 */
public final class PersonLists {

  private PersonLists() {}

  /** Adds a name that is complete. */
  public static void add(Person person, PersonName name) {
    name.setPerson(person);
    person.getNames().add(name);
  }

  /** Adds an address that is complete. */
  public static void add(Person person, PersonAddress address) {
    address.setPerson(person);
    person.getAddresses().add(address);
  }

  /** Adds an attribute that is complete. */
  public static void add(Person person, PersonAttribute attribute) {
    attribute.setPerson(person);
    person.getAttributes().add(attribute);
  }

  /** A voided part is not preferred, as OpenMRS's services have it. */
  public static void preferNothingVoided(Person person) {
    person.getNames().stream()
        .filter(PersonName::getVoided)
        .forEach(name -> name.setPreferred(false));
    person.getAddresses().stream()
        .filter(PersonAddress::getVoided)
        .forEach(address -> address.setPreferred(false));
    if (person instanceof Patient) {
      ((Patient) person)
          .getIdentifiers().stream()
              .filter(PatientIdentifier::getVoided)
              .forEach(identifier -> identifier.setPreferred(false));
    }
  }

  /** Adds an identifier that is complete. */
  public static void add(Patient patient, PatientIdentifier identifier) {
    identifier.setPatient(patient);
    patient.getIdentifiers().add(identifier);
  }
}
