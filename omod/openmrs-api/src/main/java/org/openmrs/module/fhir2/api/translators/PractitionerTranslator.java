package org.openmrs.module.fhir2.api.translators;

import org.hl7.fhir.r4.model.Practitioner;

public interface PractitionerTranslator<T> {

  Practitioner toFhirResource(T value);
}
