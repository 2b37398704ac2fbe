package org.openmrs;

import java.util.Date;

public class PersonAddress extends BaseOpenmrsData implements Address {

  private String address1;
  private String address2;
  private String cityVillage;
  private String country;
  private Boolean preferred = false;
  private String latitude;
  private String longitude;
  private Person person;
  private String postalCode;
  private String stateProvince;
  private String countyDistrict;
  private String address3;
  private String address4;
  private String address6;
  private String address5;
  private Date startDate;
  private Date endDate;
  private String address7;
  private String address8;
  private String address9;
  private String address10;
  private String address11;
  private String address12;
  private String address13;
  private String address14;
  private String address15;

  public void setAddress1(String address1) {
    this.address1 = address1;
  }

  public void setAddress2(String address2) {
    this.address2 = address2;
  }

  public void setCityVillage(String cityVillage) {
    this.cityVillage = cityVillage;
  }

  public void setCountry(String country) {
    this.country = country;
  }

  public void setPreferred(Boolean preferred) {
    this.preferred = preferred;
  }

  public void setLatitude(String latitude) {
    this.latitude = latitude;
  }

  public void setLongitude(String longitude) {
    this.longitude = longitude;
  }

  public void setPerson(Person person) {
    this.person = person;
  }

  public void setPostalCode(String postalCode) {
    this.postalCode = postalCode;
  }

  public void setStateProvince(String stateProvince) {
    this.stateProvince = stateProvince;
  }

  public void setCountyDistrict(String countyDistrict) {
    this.countyDistrict = countyDistrict;
  }

  public void setAddress3(String address3) {
    this.address3 = address3;
  }

  public void setAddress4(String address4) {
    this.address4 = address4;
  }

  public void setAddress6(String address6) {
    this.address6 = address6;
  }

  public void setAddress5(String address5) {
    this.address5 = address5;
  }

  public void setStartDate(Date startDate) {
    this.startDate = startDate;
  }

  public void setEndDate(Date endDate) {
    this.endDate = endDate;
  }

  public void setAddress7(String address7) {
    this.address7 = address7;
  }

  public void setAddress8(String address8) {
    this.address8 = address8;
  }

  public void setAddress9(String address9) {
    this.address9 = address9;
  }

  public void setAddress10(String address10) {
    this.address10 = address10;
  }

  public void setAddress11(String address11) {
    this.address11 = address11;
  }

  public void setAddress12(String address12) {
    this.address12 = address12;
  }

  public void setAddress13(String address13) {
    this.address13 = address13;
  }

  public void setAddress14(String address14) {
    this.address14 = address14;
  }

  public void setAddress15(String address15) {
    this.address15 = address15;
  }
}
