package org.openmrs;

public class Provider extends BaseCustomizableMetadata<ProviderAttribute> {

  public void setPerson(Person person) {
    throw new UnsupportedOperationException();
  }

  public Person getPerson() {
    throw new UnsupportedOperationException();
  }

  public void setIdentifier(String identifier) {
    throw new UnsupportedOperationException();
  }

  public void setRole(Concept role) {
    throw new UnsupportedOperationException();
  }

  public void setSpeciality(Concept speciality) {
    throw new UnsupportedOperationException();
  }
}
