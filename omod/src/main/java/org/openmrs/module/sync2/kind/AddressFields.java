package org.openmrs.module.sync2.kind;

import org.openmrs.Address;

/** The columns that the addresses of persons and locations have in common. */
final class AddressFields {

  private AddressFields() {}

  static void fill(Address address, JsonFields json) {
    address.setAddress1(json.text("address1"));
    address.setAddress2(json.text("address2"));
    address.setAddress3(json.text("address3"));
    address.setAddress4(json.text("address4"));
    address.setAddress5(json.text("address5"));
    address.setAddress6(json.text("address6"));
    address.setAddress7(json.text("address7"));
    address.setAddress8(json.text("address8"));
    address.setAddress9(json.text("address9"));
    address.setAddress10(json.text("address10"));
    address.setAddress11(json.text("address11"));
    address.setAddress12(json.text("address12"));
    address.setAddress13(json.text("address13"));
    address.setAddress14(json.text("address14"));
    address.setAddress15(json.text("address15"));
    address.setCityVillage(json.text("cityVillage"));
    address.setCountyDistrict(json.text("countyDistrict"));
    address.setStateProvince(json.text("stateProvince"));
    address.setCountry(json.text("country"));
    address.setPostalCode(json.text("postalCode"));
    address.setLatitude(json.text("latitude"));
    address.setLongitude(json.text("longitude"));
  }
}
