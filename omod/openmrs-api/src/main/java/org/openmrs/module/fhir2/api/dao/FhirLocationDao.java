package org.openmrs.module.fhir2.api.dao;

import org.openmrs.Location;

public interface FhirLocationDao extends FhirDao<Location> {

  Location get(String text);
}
