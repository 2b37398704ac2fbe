package org.openmrs;

import java.util.Date;

public class PersonAddress extends BaseOpenmrsData implements Address {

  public void setAddress1(String address1) {
    throw new UnsupportedOperationException();
  }

  public void setAddress2(String address2) {
    throw new UnsupportedOperationException();
  }

  public void setCityVillage(String cityVillage) {
    throw new UnsupportedOperationException();
  }

  public void setCountry(String country) {
    throw new UnsupportedOperationException();
  }

  public void setPreferred(Boolean preferred) {
    throw new UnsupportedOperationException();
  }

  public void setLatitude(String latitude) {
    throw new UnsupportedOperationException();
  }

  public void setLongitude(String longitude) {
    throw new UnsupportedOperationException();
  }

  public void setPerson(Person person) {
    throw new UnsupportedOperationException();
  }

  public void setPostalCode(String postalCode) {
    throw new UnsupportedOperationException();
  }

  public void setStateProvince(String stateProvince) {
    throw new UnsupportedOperationException();
  }

  public void setCountyDistrict(String countyDistrict) {
    throw new UnsupportedOperationException();
  }

  public void setAddress3(String address3) {
    throw new UnsupportedOperationException();
  }

  public void setAddress4(String address4) {
    throw new UnsupportedOperationException();
  }

  public void setAddress6(String address6) {
    throw new UnsupportedOperationException();
  }

  public void setAddress5(String address5) {
    throw new UnsupportedOperationException();
  }

  public void setStartDate(Date startDate) {
    throw new UnsupportedOperationException();
  }

  public void setEndDate(Date endDate) {
    throw new UnsupportedOperationException();
  }

  public void setAddress7(String address7) {
    throw new UnsupportedOperationException();
  }

  public void setAddress8(String address8) {
    throw new UnsupportedOperationException();
  }

  public void setAddress9(String address9) {
    throw new UnsupportedOperationException();
  }

  public void setAddress10(String address10) {
    throw new UnsupportedOperationException();
  }

  public void setAddress11(String address11) {
    throw new UnsupportedOperationException();
  }

  public void setAddress12(String address12) {
    throw new UnsupportedOperationException();
  }

  public void setAddress13(String address13) {
    throw new UnsupportedOperationException();
  }

  public void setAddress14(String address14) {
    throw new UnsupportedOperationException();
  }

  public void setAddress15(String address15) {
    throw new UnsupportedOperationException();
  }
}
