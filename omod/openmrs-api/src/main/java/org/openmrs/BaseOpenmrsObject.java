package org.openmrs;

public abstract class BaseOpenmrsObject implements OpenmrsObject {

  private String uuid;

  public String getUuid() {
    return uuid;
  }

  public void setUuid(String uuid) {
    this.uuid = uuid;
  }

  public boolean equals(Object obj) {
    return this == obj
        || uuid != null
            && obj instanceof OpenmrsObject
            && uuid.equals(((OpenmrsObject) obj).getUuid());
  }

  public int hashCode() {
    return uuid == null ? super.hashCode() : uuid.hashCode();
  }
}
