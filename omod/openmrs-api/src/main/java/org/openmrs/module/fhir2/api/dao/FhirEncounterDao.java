package org.openmrs.module.fhir2.api.dao;

import org.openmrs.Encounter;

public interface FhirEncounterDao extends FhirDao<Encounter> {

  Encounter get(String text);
}
