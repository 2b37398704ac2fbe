package org.openmrs.module.sync2.host.fhir;

import org.openmrs.Address;
import org.springframework.beans.BeanWrapper;
import org.springframework.beans.PropertyAccessorFactory;

/** The numbered lines of an address, which FHIR carries in an extension. */
final class AddressLines {

  private static final int LINES = 15;

  private AddressLines() {}

  /** Empties the lines: the FHIR module's translators leave those that a document lacks. */
  static void clear(Address address) {
    BeanWrapper properties = PropertyAccessorFactory.forBeanPropertyAccess(address);
    for (int line = 1; line <= LINES; line++) {
      properties.setPropertyValue("address" + line, null);
    }
  }
}
