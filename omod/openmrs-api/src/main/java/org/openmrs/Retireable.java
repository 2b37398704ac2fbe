package org.openmrs;

import java.util.Date;

public interface Retireable extends OpenmrsObject {

  Boolean getRetired();

  void setRetired(Boolean value);

  void setRetiredBy(User user);

  void setDateRetired(Date date);

  void setRetireReason(String text);
}
