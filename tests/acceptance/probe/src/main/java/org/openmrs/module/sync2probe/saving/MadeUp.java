package org.openmrs.module.sync2probe.saving;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.openmrs.Location;
import org.openmrs.Patient;
import org.openmrs.PatientIdentifier;
import org.openmrs.PatientIdentifierType;
import org.openmrs.PersonAddress;
import org.openmrs.PersonAttribute;
import org.openmrs.PersonAttributeType;
import org.openmrs.PersonName;
import org.openmrs.api.PatientService;
import org.openmrs.api.context.Context;

/**
 * Patients with as much on them as those that the acceptance suite makes by REST, and encounters
 * with observations.
 */
public final class MadeUp {

  private static final Date BIRTHDATE = Days.startOf(LocalDate.of(1984, 5, 17));

  private final MadeUpRequest asked;
  private final PatientIdentifierType identifierType;
  private final PersonAttributeType attributeType;
  private final Location location;

  /** Looks the metadata up, once for all. */
  public MadeUp(MadeUpRequest asked) {
    this.asked = asked;
    identifierType =
        Context.getPatientService().getPatientIdentifierTypeByUuid(asked.identifierType);
    attributeType = Context.getPersonService().getPersonAttributeTypeByUuid(asked.attributeType);
    location = Context.getLocationService().getLocationByUuid(asked.location);
  }

  /** One save for each patient and each encounter, a patient's encounters right after her. */
  public List<Runnable> saves() {
    PatientService patients = Context.getPatientService();
    MadeUpEncounters encounters = asked.encounters > 0 ? new MadeUpEncounters(asked) : null;
    List<Runnable> saves = new ArrayList<>();
    for (int number = 1; number <= asked.patients; number++) {
      Patient patient = patient(number);
      saves.add(() -> patients.savePatient(patient));
      if (encounters != null) {
        saves.addAll(encounters.saves(patient));
      }
    }
    return saves;
  }

  private Patient patient(int number) {
    Patient patient = new Patient();
    patient.setGender("F");
    patient.setBirthdate(BIRTHDATE);
    patient.addName(name(number));
    patient.addAddress(address());
    patient.addAttribute(attribute());
    PatientIdentifier identifier =
        new PatientIdentifier(asked.identifiers + " " + number, identifierType, location);
    identifier.setPreferred(true);
    patient.addIdentifier(identifier);
    return patient;
  }

  private PersonName name(int number) {
    PersonName name = new PersonName();
    name.setPrefix("Dr");
    name.setGivenName("Asha");
    name.setMiddleName("Noor");
    name.setFamilyNamePrefix("van");
    name.setFamilyName("Person " + asked.identifiers + " " + number);
    name.setFamilyName2("Second");
    name.setFamilyNameSuffix("Jr");
    name.setDegree("MSc");
    return name;
  }

  private static PersonAddress address() {
    PersonAddress address = new PersonAddress();
    address.setAddress1("12 Hill Road");
    address.setAddress2("Block 4");
    address.setAddress3("Third line");
    address.setCityVillage("Riverside");
    address.setCountyDistrict("North");
    address.setStateProvince("Lakes");
    address.setCountry("Example");
    address.setPostalCode("10 200");
    address.setLatitude("0.3476");
    address.setLongitude("32.5825");
    return address;
  }

  private PersonAttribute attribute() {
    PersonAttribute attribute = new PersonAttribute();
    attribute.setAttributeType(attributeType);
    attribute.setValue("first");
    return attribute;
  }
}
