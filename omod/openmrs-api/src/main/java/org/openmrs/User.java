package org.openmrs;

import java.util.Date;

public class User extends BaseOpenmrsObject implements Attributable<User>, Auditable, Retireable {

  public String serialize() {
    throw new UnsupportedOperationException();
  }

  public Integer getUserId() {
    throw new UnsupportedOperationException();
  }

  public String getUsername() {
    throw new UnsupportedOperationException();
  }

  public String getSystemId() {
    throw new UnsupportedOperationException();
  }

  public void setCreator(User creator) {
    throw new UnsupportedOperationException();
  }

  public void setDateCreated(Date dateCreated) {
    throw new UnsupportedOperationException();
  }

  public void setRetired(Boolean retired) {
    throw new UnsupportedOperationException();
  }

  public void setRetiredBy(User retiredBy) {
    throw new UnsupportedOperationException();
  }

  public void setDateRetired(Date dateRetired) {
    throw new UnsupportedOperationException();
  }

  public void setRetireReason(String retireReason) {
    throw new UnsupportedOperationException();
  }
}
