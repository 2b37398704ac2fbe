package org.openmrs.module.sync2.host.fhir;

import java.util.List;
import org.hl7.fhir.r4.model.Address;
import org.openmrs.Person;
import org.openmrs.PersonAddress;
import org.openmrs.module.fhir2.api.translators.PersonAddressTranslator;
import org.openmrs.module.sync2.host.writing.Parts;
import org.openmrs.module.sync2.host.writing.PersonLists;
import org.openmrs.module.sync2.host.writing.Removal;

/** The addresses of a person. */
final class PersonAddresses {

  private PersonAddresses() {}

  /** Gives the person the addresses of a document. */
  static void write(String uuid, List<Address> addresses, Person person, Removal removal) {
    PersonAddressTranslator translator = FhirModule.bean(PersonAddressTranslator.class);
    new Parts<Address, PersonAddress>(
            person.getAddresses(),
            PersonAddress::new,
            (address, element) -> fill(address, element, translator),
            address -> PersonLists.add(person, address))
        .reconcile(ElementUuid.byUuid(addresses, uuid + "/address"), removal);
  }

  private static void fill(
      PersonAddress address, Address element, PersonAddressTranslator translator) {
    AddressLines.clear(address);
    TextExtensions.complete(element);
    // The translator only ever sets this.
    address.setPreferred(false);
    translator.toOpenmrsType(address, element);
  }
}
