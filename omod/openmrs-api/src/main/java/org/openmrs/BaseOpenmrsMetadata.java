package org.openmrs;

import java.util.Date;

public abstract class BaseOpenmrsMetadata extends BaseOpenmrsObject
    implements Auditable, Retireable {

  private String name;
  private Boolean retired = false;
  private String description;
  private User creator;
  private Date dateCreated;
  private Date dateRetired;
  private User retiredBy;
  private String retireReason;

  public String getName() {
    return name;
  }

  public void setName(String name) {
    this.name = name;
  }

  public String getDescription() {
    return description;
  }

  public void setDescription(String description) {
    this.description = description;
  }

  public void setCreator(User creator) {
    this.creator = creator;
  }

  public void setDateCreated(Date dateCreated) {
    this.dateCreated = dateCreated;
  }

  public Boolean getRetired() {
    return retired;
  }

  public void setRetired(Boolean retired) {
    this.retired = retired;
  }

  public void setDateRetired(Date dateRetired) {
    this.dateRetired = dateRetired;
  }

  public void setRetiredBy(User retiredBy) {
    this.retiredBy = retiredBy;
  }

  public void setRetireReason(String retireReason) {
    this.retireReason = retireReason;
  }
}
