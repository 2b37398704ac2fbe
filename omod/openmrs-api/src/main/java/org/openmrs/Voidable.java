package org.openmrs;

import java.util.Date;

public interface Voidable extends OpenmrsObject {

  Boolean getVoided();

  void setVoided(Boolean value);

  void setVoidedBy(User user);

  void setDateVoided(Date date);

  void setVoidReason(String text);
}
