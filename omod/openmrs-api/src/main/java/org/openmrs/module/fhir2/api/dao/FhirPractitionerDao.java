package org.openmrs.module.fhir2.api.dao;

import org.openmrs.Provider;

public interface FhirPractitionerDao {

  Provider get(String text);
}
