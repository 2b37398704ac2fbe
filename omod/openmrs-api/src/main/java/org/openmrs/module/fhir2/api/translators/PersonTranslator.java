package org.openmrs.module.fhir2.api.translators;

import org.hl7.fhir.r4.model.Person;

public interface PersonTranslator {

  Person toFhirResource(org.openmrs.Person person);
}
