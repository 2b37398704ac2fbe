package org.openmrs;

public class Privilege extends BaseOpenmrsMetadata {

  private String privilege;

  public Privilege() {}

  public Privilege(String privilege, String description) {
    this.privilege = privilege;
    setDescription(description);
  }

  public String getPrivilege() {
    return privilege;
  }

  public Integer getId() {
    throw new UnsupportedOperationException();
  }
}
