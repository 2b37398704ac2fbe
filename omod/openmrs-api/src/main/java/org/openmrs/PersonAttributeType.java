package org.openmrs;

public class PersonAttributeType extends BaseOpenmrsMetadata {

  private String format;
  private Double sortWeight;
  private Boolean searchable = false;
  private Privilege editPrivilege;

  public String getFormat() {
    return format;
  }

  public void setFormat(String format) {
    this.format = format;
  }

  public void setSortWeight(Double sortWeight) {
    this.sortWeight = sortWeight;
  }

  public void setSearchable(Boolean searchable) {
    this.searchable = searchable;
  }

  public void setEditPrivilege(Privilege editPrivilege) {
    this.editPrivilege = editPrivilege;
  }
}
