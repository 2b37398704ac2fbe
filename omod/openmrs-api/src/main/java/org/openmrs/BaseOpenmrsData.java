package org.openmrs;

import java.util.Date;

public abstract class BaseOpenmrsData extends BaseOpenmrsObject implements Auditable, Voidable {

  public void setCreator(User creator) {
    throw new UnsupportedOperationException();
  }

  public void setDateCreated(Date dateCreated) {
    throw new UnsupportedOperationException();
  }

  public Boolean getVoided() {
    throw new UnsupportedOperationException();
  }

  public void setVoided(Boolean voided) {
    throw new UnsupportedOperationException();
  }

  public Date getDateVoided() {
    throw new UnsupportedOperationException();
  }

  public void setDateVoided(Date dateVoided) {
    throw new UnsupportedOperationException();
  }

  public User getVoidedBy() {
    throw new UnsupportedOperationException();
  }

  public void setVoidedBy(User voidedBy) {
    throw new UnsupportedOperationException();
  }

  public void setVoidReason(String voidReason) {
    throw new UnsupportedOperationException();
  }
}
