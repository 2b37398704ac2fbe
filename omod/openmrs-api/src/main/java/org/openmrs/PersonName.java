package org.openmrs;

public class PersonName extends BaseOpenmrsData {

  private String middleName;
  private Person person;
  private String degree;
  private String familyName;
  private String familyName2;
  private String familyNamePrefix;
  private String familyNameSuffix;
  private String givenName;
  private Boolean preferred = false;
  private String prefix;

  public void setDegree(String degree) {
    this.degree = degree;
  }

  public String getFamilyName() {
    return familyName;
  }

  public void setFamilyName(String familyName) {
    this.familyName = familyName;
  }

  public void setFamilyName2(String familyName2) {
    this.familyName2 = familyName2;
  }

  public void setFamilyNamePrefix(String familyNamePrefix) {
    this.familyNamePrefix = familyNamePrefix;
  }

  public void setFamilyNameSuffix(String familyNameSuffix) {
    this.familyNameSuffix = familyNameSuffix;
  }

  public void setGivenName(String givenName) {
    this.givenName = givenName;
  }

  public String getMiddleName() {
    return middleName;
  }

  public void setMiddleName(String middleName) {
    this.middleName = middleName;
  }

  public Person getPerson() {
    return person;
  }

  public void setPerson(Person person) {
    this.person = person;
  }

  public Boolean getPreferred() {
    return preferred;
  }

  public void setPreferred(Boolean preferred) {
    this.preferred = preferred;
  }

  public void setPrefix(String prefix) {
    this.prefix = prefix;
  }
}
