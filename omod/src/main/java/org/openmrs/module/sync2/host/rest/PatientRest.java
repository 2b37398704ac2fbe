package org.openmrs.module.sync2.host.rest;

import org.openmrs.Patient;
import org.openmrs.PatientIdentifier;
import org.openmrs.Person;
import org.openmrs.api.PatientService;
import org.openmrs.api.context.Context;

/** Patients, with the person that each of them is. */
final class PatientRest implements RestType<Patient> {

  @Override
  public Class<Patient> type() {
    return Patient.class;
  }

  @Override
  public Patient find(String uuid) {
    return patients().getPatientByUuid(uuid);
  }

  @Override
  public void save(Patient here, String uuid, JsonFields json) {
    DuplicateIdentifiers.check(here, json.list("identifiers"));
    Creation creation = new Creation();
    Patient patient = here == null ? create(uuid, json, creation) : PersonParts.restored(here);
    PersonParts.fill(patient, json.object("person"), creation);
    patient.setAllergyStatus(json.text("allergyStatus"));
    new Parts<>(
            patient.getIdentifiers(),
            PatientIdentifier::new,
            PatientRest::fillIdentifier,
            identifier -> add(patient, identifier))
        .reconcile(json.list("identifiers"), creation);
    patients().savePatient(patient);
  }

  @Override
  public void remove(Patient here) {
    if (!here.getVoided()) {
      patients().voidPatient(here, Parts.REMOVED_AT_THE_PARENT);
    }
  }

  @Override
  public void purge(Patient here) {
    patients().purgePatient(here);
  }

  private static Patient create(String uuid, JsonFields json, Creation creation) {
    Person person = Context.getPersonService().getPersonByUuid(uuid);
    if (person != null) {
      PatientRow.insert(person, creation.user(json, "creator"), json.instant("dateCreated"));
      return PersonParts.restored(patients().getPatientByUuid(uuid));
    }
    Patient patient = new Patient();
    patient.setUuid(uuid);
    creation.stampPerson(patient, json.object("person"));
    creation.stamp(patient, json);
    return patient;
  }

  private static void fillIdentifier(PatientIdentifier identifier, JsonFields json) {
    identifier.setIdentifier(json.text("identifier"));
    identifier.setIdentifierType(References.identifierType(json, "identifierType"));
    identifier.setLocation(References.location(json, "location"));
    identifier.setPreferred(json.isTrue("preferred"));
  }

  /** Into the set itself: {@link Patient#addIdentifier} leaves out what equals another one. */
  private static void add(Patient patient, PatientIdentifier identifier) {
    identifier.setPatient(patient);
    patient.getIdentifiers().add(identifier);
  }

  private static PatientService patients() {
    return Context.getPatientService();
  }
}
