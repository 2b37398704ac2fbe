package org.openmrs;

public class PersonAttribute extends BaseOpenmrsData {

  public void setPerson(Person person) {
    throw new UnsupportedOperationException();
  }

  public PersonAttributeType getAttributeType() {
    throw new UnsupportedOperationException();
  }

  public void setAttributeType(PersonAttributeType attributeType) {
    throw new UnsupportedOperationException();
  }

  public String getValue() {
    throw new UnsupportedOperationException();
  }

  public void setValue(String value) {
    throw new UnsupportedOperationException();
  }
}
