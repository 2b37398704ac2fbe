package org.openmrs;

import java.util.Date;

public interface Creatable extends OpenmrsObject {

  void setCreator(User user);

  void setDateCreated(Date date);
}
