package org.openmrs.module.fhir2.api.dao;

import org.openmrs.Encounter;

public interface FhirEncounterDao {

  Encounter get(String text);

  Encounter createOrUpdate(Encounter encounter);
}
