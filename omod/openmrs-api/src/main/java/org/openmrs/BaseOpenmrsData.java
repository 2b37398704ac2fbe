package org.openmrs;

import java.util.Date;

public abstract class BaseOpenmrsData extends BaseOpenmrsObject implements Auditable, Voidable {

  private Boolean voided = false;
  private Date dateVoided;
  private User voidedBy;
  private User creator;
  private Date dateCreated;
  private String voidReason;

  public void setCreator(User creator) {
    this.creator = creator;
  }

  public Date getDateCreated() {
    return dateCreated;
  }

  public void setDateCreated(Date dateCreated) {
    this.dateCreated = dateCreated;
  }

  public Boolean getVoided() {
    return voided;
  }

  public void setVoided(Boolean voided) {
    this.voided = voided;
  }

  public Date getDateVoided() {
    return dateVoided;
  }

  public void setDateVoided(Date dateVoided) {
    this.dateVoided = dateVoided;
  }

  public User getVoidedBy() {
    return voidedBy;
  }

  public void setVoidedBy(User voidedBy) {
    this.voidedBy = voidedBy;
  }

  public void setVoidReason(String voidReason) {
    this.voidReason = voidReason;
  }
}
