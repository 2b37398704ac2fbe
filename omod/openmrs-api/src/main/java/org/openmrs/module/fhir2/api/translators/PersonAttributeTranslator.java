package org.openmrs.module.fhir2.api.translators;

import org.hl7.fhir.r4.model.Extension;
import org.openmrs.PersonAttribute;

public interface PersonAttributeTranslator {

  Extension toFhirResource(PersonAttribute personAttribute);

  PersonAttribute toOpenmrsType(Extension extension);
}
