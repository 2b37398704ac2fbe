package org.openmrs.module.fhir2.api.dao;

import org.openmrs.Person;

public interface FhirPersonDao {

  Person get(String text);
}
