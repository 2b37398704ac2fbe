package org.openmrs;

public abstract class BaseOpenmrsObject implements OpenmrsObject {

  public String getUuid() {
    throw new UnsupportedOperationException();
  }

  public void setUuid(String uuid) {
    throw new UnsupportedOperationException();
  }

  public boolean equals(Object obj) {
    throw new UnsupportedOperationException();
  }
}
