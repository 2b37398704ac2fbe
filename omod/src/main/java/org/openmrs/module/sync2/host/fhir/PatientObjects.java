package org.openmrs.module.sync2.host.fhir;

import java.util.Collections;
import java.util.Objects;
import org.openmrs.Patient;
import org.openmrs.PatientIdentifier;
import org.openmrs.Person;
import org.openmrs.api.PatientService;
import org.openmrs.api.ValidationException;
import org.openmrs.api.context.Context;
import org.openmrs.api.db.hibernate.DbSession;
import org.openmrs.api.db.hibernate.DbSessionFactory;
import org.openmrs.module.fhir2.api.dao.FhirPatientDao;
import org.openmrs.module.fhir2.api.dao.FhirPersonDao;
import org.openmrs.module.fhir2.api.translators.PatientTranslator;
import org.openmrs.sync2.SyncDuplicateException;
import org.openmrs.validator.ValidateUtil;

/** Patients, with their identifiers, names, addresses and attributes. */
final class PatientObjects extends FhirCategory<org.hl7.fhir.r4.model.Patient, Patient> {

  /** What OpenMRS itself does when a person that is here becomes a patient. */
  private static final String PROMOTE =
      "INSERT INTO patient (patient_id, creator, date_created, voided)"
          + " VALUES (:person, :creator, CURRENT_TIMESTAMP, :voided)";

  PatientObjects() {
    super(org.hl7.fhir.r4.model.Patient.class);
  }

  @Override
  Patient find(String uuid) {
    return FhirModule.bean(FhirPatientDao.class).get(uuid);
  }

  @Override
  boolean isRemoved(Patient patient) {
    return patient.getVoided();
  }

  @Override
  org.hl7.fhir.r4.model.Patient toFhir(Patient patient) {
    return FhirModule.bean(PatientTranslator.class).toFhirResource(patient);
  }

  @Override
  void write(Patient here, org.hl7.fhir.r4.model.Patient document) {
    String uuid = document.getIdElement().getIdPart();
    Patient patient = here == null ? promotedOrNew(uuid) : here;
    patient.setUuid(uuid);
    PersonContent.of(document).writeTo(patient);
    PatientIdentifiers.write(uuid, document.getIdentifier(), patient);
    PersonAttributes.write(document.getExtension(), document.getTelecom(), patient);
    writeDeath(document, patient);
    Removal.restorePerson(patient);
    validate(patient);
    FhirModule.bean(FhirPatientDao.class).createOrUpdate(patient);
  }

  @Override
  void withdraw(Patient patient) {
    Context.getPatientService().voidPatient(patient, Removal.REASON);
  }

  @Override
  void purge(Patient patient) {
    Context.getPatientService().purgePatient(patient);
  }

  private static Patient promotedOrNew(String uuid) {
    Person person = FhirModule.bean(FhirPersonDao.class).get(uuid);
    return person == null ? new Patient() : promoted(person);
  }

  /** Hibernate cannot turn a person into a patient: the row is added, and the person read anew. */
  private static Patient promoted(Person person) {
    DbSession session = FhirModule.bean(DbSessionFactory.class).getCurrentSession();
    session
        .createSQLQuery(PROMOTE)
        .setParameter("person", person.getPersonId())
        .setParameter("creator", Context.getAuthenticatedUser().getUserId())
        .setParameter("voided", false)
        .executeUpdate();
    session.evict(person);
    return FhirModule.bean(FhirPatientDao.class).get(person.getUuid());
  }

  /** FHIR carries neither the cause of a death nor whether its date is estimated: they stay. */
  private static void writeDeath(org.hl7.fhir.r4.model.Patient document, Patient patient) {
    if (document.hasDeceasedDateTimeType()) {
      patient.setDead(true);
      patient.setDeathDate(document.getDeceasedDateTimeType().getValue());
    } else if (document.hasDeceasedBooleanType() && document.getDeceasedBooleanType().getValue()) {
      patient.setDead(true);
      patient.setDeathDate(null);
    } else {
      patient.setDead(false);
      patient.setDeathDate(null);
      patient.setCauseOfDeath(null);
      patient.setCauseOfDeathNonCoded(null);
    }
  }

  private static void validate(Patient patient) {
    try {
      ValidateUtil.validate(patient);
    } catch (ValidationException e) {
      patient.getActiveIdentifiers().forEach(PatientObjects::mustBeUnique);
      throw e;
    }
  }

  /** Says whose an identifier is, which OpenMRS's validator does not. */
  private static void mustBeUnique(PatientIdentifier identifier) {
    PatientService patients = Context.getPatientService();
    if (!patients.isIdentifierInUseByAnotherPatient(identifier)) {
      return;
    }
    String holders =
        patients
            .getPatientIdentifiers(
                identifier.getIdentifier(),
                Collections.singletonList(identifier.getIdentifierType()),
                null,
                null,
                null)
            .stream()
            .map(PatientIdentifier::getPatient)
            .filter(holder -> !Objects.equals(holder.getUuid(), identifier.getPatient().getUuid()))
            .map(Patient::getUuid)
            .distinct()
            .reduce((first, next) -> first + ", " + next)
            .orElse("unknown");
    throw new SyncDuplicateException(
        "its identifier of the type '"
            + identifier.getIdentifierType().getName()
            + "' is the one of patient "
            + holders
            + " here: if they are the same person, void that identifier there, try again, and merge"
            + " the two patients, keeping this one; else correct the one that is wrong");
  }
}
