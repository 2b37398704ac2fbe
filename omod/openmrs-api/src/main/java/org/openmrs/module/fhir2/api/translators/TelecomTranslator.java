package org.openmrs.module.fhir2.api.translators;

import org.hl7.fhir.r4.model.ContactPoint;

public interface TelecomTranslator<T> {

  T toOpenmrsType(T value, ContactPoint contactPoint);
}
