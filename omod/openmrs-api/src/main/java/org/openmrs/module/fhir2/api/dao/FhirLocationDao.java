package org.openmrs.module.fhir2.api.dao;

import org.openmrs.Location;

public interface FhirLocationDao {

  Location get(String text);
}
