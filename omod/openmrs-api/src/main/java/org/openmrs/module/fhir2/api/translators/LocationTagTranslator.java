package org.openmrs.module.fhir2.api.translators;

import org.hl7.fhir.r4.model.Coding;
import org.openmrs.LocationTag;

public interface LocationTagTranslator {

  LocationTag toOpenmrsType(Coding coding);
}
