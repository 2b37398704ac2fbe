package org.openmrs;

import java.util.Date;

public class Visit extends BaseCustomizableData<VisitAttribute> {

  public void setPatient(Patient patient) {
    throw new UnsupportedOperationException();
  }

  public void setVisitType(VisitType visitType) {
    throw new UnsupportedOperationException();
  }

  public void setIndication(Concept indication) {
    throw new UnsupportedOperationException();
  }

  public void setLocation(Location location) {
    throw new UnsupportedOperationException();
  }

  public void setStartDatetime(Date startDatetime) {
    throw new UnsupportedOperationException();
  }

  public void setStopDatetime(Date stopDatetime) {
    throw new UnsupportedOperationException();
  }
}
