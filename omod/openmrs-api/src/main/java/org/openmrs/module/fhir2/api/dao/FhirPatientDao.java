package org.openmrs.module.fhir2.api.dao;

import org.openmrs.Patient;

public interface FhirPatientDao extends FhirDao<Patient> {

  Patient get(String text);

  Patient createOrUpdate(Patient patient);
}
