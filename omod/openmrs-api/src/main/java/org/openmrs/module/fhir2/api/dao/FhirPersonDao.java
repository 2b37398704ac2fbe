package org.openmrs.module.fhir2.api.dao;

import org.openmrs.Person;

public interface FhirPersonDao extends FhirDao<Person> {

  Person get(String text);
}
