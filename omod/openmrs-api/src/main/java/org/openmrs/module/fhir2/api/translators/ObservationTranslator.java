package org.openmrs.module.fhir2.api.translators;

import org.hl7.fhir.r4.model.Observation;
import org.openmrs.Obs;

public interface ObservationTranslator {

  Observation toFhirResource(Obs obs);

  Obs toOpenmrsType(Observation observation);
}
