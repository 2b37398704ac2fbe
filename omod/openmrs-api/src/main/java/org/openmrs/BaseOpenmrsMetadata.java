package org.openmrs;

import java.util.Date;

public abstract class BaseOpenmrsMetadata extends BaseOpenmrsObject
    implements Auditable, Retireable {

  public String getName() {
    throw new UnsupportedOperationException();
  }

  public void setName(String name) {
    throw new UnsupportedOperationException();
  }

  public void setDescription(String description) {
    throw new UnsupportedOperationException();
  }

  public void setCreator(User creator) {
    throw new UnsupportedOperationException();
  }

  public void setDateCreated(Date dateCreated) {
    throw new UnsupportedOperationException();
  }

  public Boolean getRetired() {
    throw new UnsupportedOperationException();
  }

  public void setRetired(Boolean retired) {
    throw new UnsupportedOperationException();
  }

  public void setDateRetired(Date dateRetired) {
    throw new UnsupportedOperationException();
  }

  public void setRetiredBy(User retiredBy) {
    throw new UnsupportedOperationException();
  }

  public void setRetireReason(String retireReason) {
    throw new UnsupportedOperationException();
  }
}
