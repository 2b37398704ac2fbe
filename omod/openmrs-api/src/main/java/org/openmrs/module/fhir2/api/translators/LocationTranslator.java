package org.openmrs.module.fhir2.api.translators;

import org.hl7.fhir.r4.model.Location;

public interface LocationTranslator {

  Location toFhirResource(org.openmrs.Location location);

  org.openmrs.Location toOpenmrsType(org.openmrs.Location location, Location location2);
}
