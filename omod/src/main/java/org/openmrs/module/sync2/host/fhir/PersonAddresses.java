package org.openmrs.module.sync2.host.fhir;

import java.util.List;
import org.hl7.fhir.r4.model.Address;
import org.openmrs.Person;
import org.openmrs.PersonAddress;
import org.openmrs.module.fhir2.api.translators.PersonAddressTranslator;

/** The addresses of a person. */
final class PersonAddresses extends Parts<Address, PersonAddress> {

  private final Person person;
  private final PersonAddressTranslator translator = FhirModule.bean(PersonAddressTranslator.class);

  private PersonAddresses(String list, Person person) {
    super(list);
    this.person = person;
  }

  /** Gives the person the addresses of a document. */
  static void write(String uuid, List<Address> addresses, Person person) {
    new PersonAddresses(uuid + "/address", person).reconcile(addresses, person.getAddresses());
  }

  @Override
  PersonAddress create() {
    return new PersonAddress();
  }

  @Override
  void write(Address element, PersonAddress address) {
    AddressLines.clear(address);
    TextExtensions.complete(element);
    // The translator only ever sets this.
    address.setPreferred(false);
    translator.toOpenmrsType(address, element);
  }

  @Override
  void attach(PersonAddress address) {
    person.addAddress(address);
  }
}
