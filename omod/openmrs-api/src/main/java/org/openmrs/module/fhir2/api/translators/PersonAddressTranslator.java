package org.openmrs.module.fhir2.api.translators;

import org.hl7.fhir.r4.model.Address;
import org.openmrs.PersonAddress;

public interface PersonAddressTranslator {

  PersonAddress toOpenmrsType(PersonAddress personAddress, Address address);
}
