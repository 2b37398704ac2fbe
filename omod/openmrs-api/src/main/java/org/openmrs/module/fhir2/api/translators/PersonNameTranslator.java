package org.openmrs.module.fhir2.api.translators;

import org.hl7.fhir.r4.model.HumanName;
import org.openmrs.PersonName;

public interface PersonNameTranslator {

  PersonName toOpenmrsType(PersonName personName, HumanName humanName);
}
