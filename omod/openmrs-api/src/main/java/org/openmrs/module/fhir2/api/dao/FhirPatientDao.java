package org.openmrs.module.fhir2.api.dao;

import org.openmrs.Patient;

public interface FhirPatientDao {

  Patient get(String text);

  Patient createOrUpdate(Patient patient);
}
