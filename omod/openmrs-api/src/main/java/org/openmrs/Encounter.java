package org.openmrs;

import java.util.Date;
import java.util.Set;

public class Encounter extends BaseOpenmrsData {

  public Date getEncounterDatetime() {
    throw new UnsupportedOperationException();
  }

  public void setEncounterDatetime(Date encounterDatetime) {
    throw new UnsupportedOperationException();
  }

  public EncounterType getEncounterType() {
    throw new UnsupportedOperationException();
  }

  public void setEncounterType(EncounterType encounterType) {
    throw new UnsupportedOperationException();
  }

  public Location getLocation() {
    throw new UnsupportedOperationException();
  }

  public void setLocation(Location location) {
    throw new UnsupportedOperationException();
  }

  public Patient getPatient() {
    throw new UnsupportedOperationException();
  }

  public void setPatient(Patient patient) {
    throw new UnsupportedOperationException();
  }

  public Set<EncounterProvider> getEncounterProviders() {
    throw new UnsupportedOperationException();
  }

  public void setForm(Form form) {
    throw new UnsupportedOperationException();
  }

  public Visit getVisit() {
    throw new UnsupportedOperationException();
  }

  public void setVisit(Visit visit) {
    throw new UnsupportedOperationException();
  }
}
