package org.openmrs.module.fhir2.api.dao;

import org.openmrs.Provider;

public interface FhirPractitionerDao extends FhirDao<Provider> {

  Provider get(String text);
}
