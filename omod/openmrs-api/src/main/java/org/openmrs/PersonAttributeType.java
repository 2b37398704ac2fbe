package org.openmrs;

public class PersonAttributeType extends BaseOpenmrsMetadata {

  public String getFormat() {
    throw new UnsupportedOperationException();
  }

  public void setFormat(String format) {
    throw new UnsupportedOperationException();
  }

  public void setSortWeight(Double sortWeight) {
    throw new UnsupportedOperationException();
  }

  public void setSearchable(Boolean searchable) {
    throw new UnsupportedOperationException();
  }

  public void setEditPrivilege(Privilege editPrivilege) {
    throw new UnsupportedOperationException();
  }
}
