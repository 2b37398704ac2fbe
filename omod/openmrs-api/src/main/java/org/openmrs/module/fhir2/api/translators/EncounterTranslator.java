package org.openmrs.module.fhir2.api.translators;

import org.hl7.fhir.r4.model.Encounter;

public interface EncounterTranslator<T> {

  Encounter toFhirResource(T value);

  T toOpenmrsType(Encounter encounter);
}
