package org.openmrs.module.fhir2.api.dao;

import org.openmrs.Obs;

public interface FhirObservationDao {

  Obs get(String text);
}
