package org.openmrs.module.sync2.host.fhir;

import org.openmrs.Patient;
import org.openmrs.Person;
import org.openmrs.api.context.Context;
import org.openmrs.module.fhir2.api.dao.FhirPatientDao;
import org.openmrs.module.fhir2.api.dao.FhirPersonDao;
import org.openmrs.module.fhir2.api.translators.PatientTranslator;
import org.openmrs.module.sync2.host.writing.IdentifierOwner;
import org.openmrs.module.sync2.host.writing.OpenmrsIdentifiers;
import org.openmrs.module.sync2.host.writing.OpenmrsPatientRows;
import org.openmrs.module.sync2.host.writing.PatientRow;
import org.openmrs.module.sync2.host.writing.Removal;
import org.openmrs.module.sync2.host.writing.Writing;

/** Patients, with their identifiers, names, addresses and attributes. */
public final class FhirPatients extends FhirCategory<org.hl7.fhir.r4.model.Patient, Patient> {

  /** Holds nothing. */
  public FhirPatients() {
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
  void write(Patient here, org.hl7.fhir.r4.model.Patient document, Writing writing) {
    String uuid = document.getIdElement().getIdPart();
    Patient patient = here == null ? promotedOrNew(uuid, writing) : here;
    patient.setUuid(uuid);
    PersonContent.of(document).writeTo(patient, writing.removal());
    PatientIdentifiers.write(uuid, document.getIdentifier(), patient, writing.removal());
    PersonAttributes.write(
        document.getExtension(), document.getTelecom(), patient, writing.removal());
    writeDeath(document, patient);
    Removal.restorePerson(patient);
    new IdentifierOwner(new OpenmrsIdentifiers()).check(patient);
    writing.store(patient);
  }

  @Override
  void withdraw(Patient patient, String reason) {
    Context.getPatientService().voidPatient(patient, reason);
  }

  @Override
  void purge(Patient patient) {
    Context.getPatientService().purgePatient(patient);
  }

  private static Patient promotedOrNew(String uuid, Writing writing) {
    Person person = FhirModule.bean(FhirPersonDao.class).get(uuid);
    return person == null
        ? new Patient()
        : new PatientRow(writing, new OpenmrsPatientRows()).promote(person, null, null);
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
}
