package org.openmrs;

import java.util.Date;

public class User extends BaseOpenmrsObject implements Attributable<User>, Auditable, Retireable {

  private Integer userId;
  private String username;
  private String systemId;
  private User creator;
  private Date dateCreated;
  private Boolean retired = false;
  private User retiredBy;
  private Date dateRetired;
  private String retireReason;

  public String serialize() {
    throw new UnsupportedOperationException();
  }

  public Integer getUserId() {
    return userId;
  }

  public String getUsername() {
    return username;
  }

  public String getSystemId() {
    return systemId;
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

  public void setRetiredBy(User retiredBy) {
    this.retiredBy = retiredBy;
  }

  public void setDateRetired(Date dateRetired) {
    this.dateRetired = dateRetired;
  }

  public void setRetireReason(String retireReason) {
    this.retireReason = retireReason;
  }
}
