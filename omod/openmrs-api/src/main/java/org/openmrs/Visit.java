package org.openmrs;

import java.util.Date;

public class Visit extends BaseCustomizableData<VisitAttribute> {

  private Patient patient;
  private VisitType visitType;
  private Concept indication;
  private Location location;
  private Date startDatetime;
  private Date stopDatetime;

  public void setPatient(Patient patient) {
    this.patient = patient;
  }

  public void setVisitType(VisitType visitType) {
    this.visitType = visitType;
  }

  public void setIndication(Concept indication) {
    this.indication = indication;
  }

  public void setLocation(Location location) {
    this.location = location;
  }

  public void setStartDatetime(Date startDatetime) {
    this.startDatetime = startDatetime;
  }

  public void setStopDatetime(Date stopDatetime) {
    this.stopDatetime = stopDatetime;
  }
}
