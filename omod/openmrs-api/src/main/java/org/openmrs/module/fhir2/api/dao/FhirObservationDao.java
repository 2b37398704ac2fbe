package org.openmrs.module.fhir2.api.dao;

import org.openmrs.Obs;

public interface FhirObservationDao extends FhirDao<Obs> {

  Obs get(String text);
}
