package org.openmrs.module.fhir2.api.translators;

import org.hl7.fhir.r4.model.Reference;
import org.openmrs.Obs;

public interface ObservationReferenceTranslator {

  Obs toOpenmrsType(Reference reference);
}
