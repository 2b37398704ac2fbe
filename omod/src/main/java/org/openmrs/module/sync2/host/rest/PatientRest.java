package org.openmrs.module.sync2.host.rest;

import java.util.Collection;
import java.util.Collections;
import java.util.List;
import org.openmrs.Patient;
import org.openmrs.PatientIdentifier;
import org.openmrs.Person;
import org.openmrs.api.APIException;
import org.openmrs.api.PatientService;
import org.openmrs.api.context.Context;
import org.openmrs.module.sync2.host.HostSession;
import org.openmrs.util.PrivilegeConstants;

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
  public List<Patient> findAll(Collection<String> uuids) {
    if (!Context.hasPrivilege(PrivilegeConstants.GET_PATIENTS)) {
      return Collections.emptyList();
    }
    return HostSession.together(
        uuids,
        "select distinct p from Patient p left join fetch p.identifiers where p.uuid in (:uuids)",
        PersonParts.WITH_NAMES,
        PersonParts.WITH_ADDRESSES,
        PersonParts.WITH_ATTRIBUTES);
  }

  @Override
  public void save(Patient here, String uuid, JsonFields json) {
    save(here == null ? ofPerson(uuid, json) : PersonParts.restored(here), json);
  }

  @Override
  public void saveNew(String uuid, JsonFields json) {
    save(made(uuid, json), json);
  }

  private static void save(Patient patient, JsonFields json) {
    PersonParts.fill(patient, json.object("person"));
    patient.setAllergyStatus(json.text("allergyStatus"));
    new Parts<>(
            patient.getIdentifiers(),
            PatientIdentifier::new,
            PatientRest::fillIdentifier,
            identifier -> add(patient, identifier))
        .reconcile(json.list("identifiers"));
    try {
      patients().savePatient(patient);
    } catch (APIException refused) {
      DuplicateIdentifiers.check(patient);
      throw refused;
    }
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

  private static Patient ofPerson(String uuid, JsonFields json) {
    Person person = Context.getPersonService().getPersonByUuid(uuid);
    if (person != null) {
      PatientRow.insert(person, Creation.user(json, "creator"), json.instant("dateCreated"));
      return PersonParts.restored(patients().getPatientByUuid(uuid));
    }
    return made(uuid, json);
  }

  private static Patient made(String uuid, JsonFields json) {
    Patient patient = new Patient();
    patient.setUuid(uuid);
    Creation.stampPerson(patient, json.object("person"));
    Creation.stamp(patient, json);
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
