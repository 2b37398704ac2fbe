package org.openmrs;

public interface Address {

  void setAddress1(String text);

  void setAddress2(String text);

  void setAddress3(String text);

  void setAddress4(String text);

  void setAddress5(String text);

  void setAddress6(String text);

  void setCityVillage(String text);

  void setStateProvince(String text);

  void setCountyDistrict(String text);

  void setPostalCode(String text);

  void setCountry(String text);

  void setLatitude(String text);

  void setLongitude(String text);

  void setAddress7(String text);

  void setAddress8(String text);

  void setAddress9(String text);

  void setAddress10(String text);

  void setAddress11(String text);

  void setAddress12(String text);

  void setAddress13(String text);

  void setAddress14(String text);

  void setAddress15(String text);
}
