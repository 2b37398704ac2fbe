package org.openmrs.module.fhir2.api.translators;

import org.hl7.fhir.r4.model.Address;
import org.openmrs.Location;

public interface LocationAddressTranslator {

  Location toOpenmrsType(Location location, Address address);
}
