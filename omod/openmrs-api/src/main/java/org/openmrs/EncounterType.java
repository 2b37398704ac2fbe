package org.openmrs;

public class EncounterType extends BaseOpenmrsMetadata {

  public void setViewPrivilege(Privilege viewPrivilege) {
    throw new UnsupportedOperationException();
  }

  public void setEditPrivilege(Privilege editPrivilege) {
    throw new UnsupportedOperationException();
  }
}
