package org.openmrs.module.sync2.host.fhir;

import java.util.List;
import org.hl7.fhir.r4.model.Address;
import org.hl7.fhir.r4.model.DateType;
import org.hl7.fhir.r4.model.Enumerations.AdministrativeGender;
import org.hl7.fhir.r4.model.HumanName;
import org.hl7.fhir.r4.model.Patient;
import org.hl7.fhir.r4.model.Practitioner;
import org.openmrs.Person;
import org.openmrs.module.fhir2.api.translators.BirthDateTranslator;
import org.openmrs.module.fhir2.api.translators.GenderTranslator;
import org.openmrs.module.sync2.host.writing.Removal;

/** The fields of a person that Patient, Person and Practitioner all have. */
final class PersonContent {

  /** Of the document. */
  private final String uuid;

  private List<HumanName> names;
  private List<Address> addresses;
  private AdministrativeGender gender;
  private boolean genderIsEmpty;
  private DateType birthDate;

  private PersonContent(String uuid) {
    this.uuid = uuid;
  }

  static PersonContent of(Patient patient) {
    PersonContent content = new PersonContent(patient.getIdElement().getIdPart());
    content.names = patient.getName();
    content.addresses = patient.getAddress();
    content.gender = patient.getGender();
    content.genderIsEmpty = patient.getGender() == null && FhirJson.hasEmptyCode(patient);
    content.birthDate = patient.hasBirthDate() ? patient.getBirthDateElement() : null;
    return content;
  }

  static PersonContent of(org.hl7.fhir.r4.model.Person person) {
    PersonContent content = new PersonContent(person.getIdElement().getIdPart());
    content.names = person.getName();
    content.addresses = person.getAddress();
    content.gender = person.getGender();
    content.genderIsEmpty = person.getGender() == null && FhirJson.hasEmptyCode(person);
    content.birthDate = person.hasBirthDate() ? person.getBirthDateElement() : null;
    return content;
  }

  static PersonContent of(Practitioner practitioner) {
    PersonContent content = new PersonContent(practitioner.getIdElement().getIdPart());
    content.names = practitioner.getName();
    content.addresses = practitioner.getAddress();
    content.gender = practitioner.getGender();
    content.genderIsEmpty = practitioner.getGender() == null && FhirJson.hasEmptyCode(practitioner);
    content.birthDate = practitioner.hasBirthDate() ? practitioner.getBirthDateElement() : null;
    return content;
  }

  List<HumanName> names() {
    return names;
  }

  /** Returns true if it says nothing of a person at all. */
  boolean isEmpty() {
    return names.isEmpty() && addresses.isEmpty() && gender == null && birthDate == null;
  }

  /** Makes the person as the document says. */
  void writeTo(Person person, Removal removal) {
    PersonNames.write(uuid, names, person, removal);
    PersonAddresses.write(uuid, addresses, person, removal);
    writeGender(person);
    writeBirthDate(person);
  }

  /** A gender that FHIR has no word for is missing in the document, and stays. */
  private void writeGender(Person person) {
    GenderTranslator translator = FhirModule.bean(GenderTranslator.class);
    String named = gender == null ? null : translator.toOpenmrsType(gender);
    if (genderIsEmpty && person.getGender() == null) {
      person.setGender("");
    } else if (named != null || isWord(translator.toFhirResource(person.getGender()))) {
      person.setGender(named);
    }
  }

  private static boolean isWord(AdministrativeGender gender) {
    return gender != null && gender != AdministrativeGender.NULL;
  }

  /** Of an estimated date FHIR carries the year or month only: one that reads the same stays. */
  private void writeBirthDate(Person person) {
    BirthDateTranslator translator = FhirModule.bean(BirthDateTranslator.class);
    DateType here = translator.toFhirResource(person);
    if (birthDate == null) {
      person.setBirthdate(null);
      person.setBirthdateEstimated(false);
    } else if (here == null || !birthDate.getValueAsString().equals(here.getValueAsString())) {
      translator.toOpenmrsType(person, birthDate);
    }
  }
}
