package org.openmrs;

public class PersonAttribute extends BaseOpenmrsData {

  private PersonAttributeType attributeType;
  private String value;
  private Person person;

  public void setPerson(Person person) {
    this.person = person;
  }

  public PersonAttributeType getAttributeType() {
    return attributeType;
  }

  public void setAttributeType(PersonAttributeType attributeType) {
    this.attributeType = attributeType;
  }

  public String getValue() {
    return value;
  }

  public void setValue(String value) {
    this.value = value;
  }
}
