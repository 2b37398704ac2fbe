package org.openmrs.module.fhir2.api.translators;

import org.hl7.fhir.r4.model.DateType;
import org.openmrs.Person;

public interface BirthDateTranslator {

  DateType toFhirResource(Person person);

  Person toOpenmrsType(Person person, DateType dateType);
}
