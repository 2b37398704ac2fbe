package org.openmrs.module.sync2.kind;

import java.util.Collection;
import java.util.Collections;
import java.util.List;
import org.openmrs.Patient;
import org.openmrs.PatientIdentifier;
import org.openmrs.Person;
import org.openmrs.api.PatientService;
import org.openmrs.api.context.Context;
import org.openmrs.module.sync2.host.HostSession;
import org.openmrs.module.sync2.host.fhir.FhirPatients;
import org.openmrs.module.sync2.host.writing.IdentifierOwner;
import org.openmrs.module.sync2.host.writing.OpenmrsIdentifiers;
import org.openmrs.module.sync2.host.writing.OpenmrsPatientRows;
import org.openmrs.module.sync2.host.writing.Parts;
import org.openmrs.module.sync2.host.writing.PatientRow;
import org.openmrs.module.sync2.host.writing.PersonLists;
import org.openmrs.module.sync2.host.writing.Removal;
import org.openmrs.module.sync2.host.writing.Writing;
import org.openmrs.module.sync2.kind.Kind.Privileges;
import org.openmrs.util.PrivilegeConstants;

/** Patients, with the person that each of them is. */
final class PatientKind implements RestType<Patient> {

  /** All of the kind. */
  static Kind kind() {
    return Kind.of("patient")
        .keptIn(
            PersonParts.in(
                Table.ofBoth("person", "person_id", "patient", "patient_id")
                    .with("patient_identifier", "patient_id")))
        .heldWhenReferredTo()
        .told("org.openmrs.Patient", Withdrawal.VOIDED, Belonging.OF_ITSELF_WHERE_REGISTERED)
        .part("org.openmrs.PatientIdentifier", "patient")
        .guardedBy(Privileges.ofData("Patients"))
        .inRest(new PatientKind())
        .inFhir(() -> new FhirPatients());
  }

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
  public void save(Patient here, String uuid, JsonFields json, Writing writing) {
    save(here == null ? ofPerson(uuid, json, writing) : Removal.restorePerson(here), json, writing);
  }

  @Override
  public void saveNew(String uuid, JsonFields json, Writing writing) {
    save(made(uuid, json), json, writing);
  }

  private static void save(Patient patient, JsonFields json, Writing writing) {
    PersonParts.fill(patient, json.object("person"), writing);
    patient.setAllergyStatus(json.text("allergyStatus"));
    new Parts<>(
            patient.getIdentifiers(),
            PatientIdentifier::new,
            Creation.stamping(PatientKind::fillIdentifier),
            identifier -> PersonLists.add(patient, identifier))
        .reconcile(json.parts("identifiers"), writing.removal());
    new IdentifierOwner(new OpenmrsIdentifiers()).check(patient);
    writing.store(patient);
  }

  @Override
  public void remove(Patient here, String reason) {
    if (!here.getVoided()) {
      patients().voidPatient(here, reason);
    }
  }

  @Override
  public void purge(Patient here) {
    patients().purgePatient(here);
  }

  private static Patient ofPerson(String uuid, JsonFields json, Writing writing) {
    Person person = Context.getPersonService().getPersonByUuid(uuid);
    return person == null
        ? made(uuid, json)
        : new PatientRow(writing, new OpenmrsPatientRows())
            .promote(person, Creation.user(json, "creator"), json.instant("dateCreated"));
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

  private static PatientService patients() {
    return Context.getPatientService();
  }
}
