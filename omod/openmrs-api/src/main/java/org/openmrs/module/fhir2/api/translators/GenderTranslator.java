package org.openmrs.module.fhir2.api.translators;

import org.hl7.fhir.r4.model.Enumerations;

public interface GenderTranslator {

  Enumerations.AdministrativeGender toFhirResource(String text);

  String toOpenmrsType(Enumerations.AdministrativeGender administrativeGender);
}
