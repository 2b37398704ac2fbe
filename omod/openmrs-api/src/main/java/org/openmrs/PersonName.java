package org.openmrs;

public class PersonName extends BaseOpenmrsData {

  public void setDegree(String degree) {
    throw new UnsupportedOperationException();
  }

  public void setFamilyName(String familyName) {
    throw new UnsupportedOperationException();
  }

  public void setFamilyName2(String familyName2) {
    throw new UnsupportedOperationException();
  }

  public void setFamilyNamePrefix(String familyNamePrefix) {
    throw new UnsupportedOperationException();
  }

  public void setFamilyNameSuffix(String familyNameSuffix) {
    throw new UnsupportedOperationException();
  }

  public void setGivenName(String givenName) {
    throw new UnsupportedOperationException();
  }

  public String getMiddleName() {
    throw new UnsupportedOperationException();
  }

  public void setMiddleName(String middleName) {
    throw new UnsupportedOperationException();
  }

  public Person getPerson() {
    throw new UnsupportedOperationException();
  }

  public void setPerson(Person person) {
    throw new UnsupportedOperationException();
  }

  public void setPreferred(Boolean preferred) {
    throw new UnsupportedOperationException();
  }

  public void setPrefix(String prefix) {
    throw new UnsupportedOperationException();
  }
}
