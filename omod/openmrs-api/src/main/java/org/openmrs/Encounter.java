package org.openmrs;

import java.util.Date;
import java.util.LinkedHashSet;
import java.util.Set;

public class Encounter extends BaseOpenmrsData {

  private Date encounterDatetime;
  private EncounterType encounterType;
  private Location location;
  private Patient patient;
  private Set<EncounterProvider> encounterProviders = new LinkedHashSet<>();
  private Visit visit;
  private Form form;

  public Date getEncounterDatetime() {
    return encounterDatetime;
  }

  public void setEncounterDatetime(Date encounterDatetime) {
    this.encounterDatetime = encounterDatetime;
  }

  public EncounterType getEncounterType() {
    return encounterType;
  }

  public void setEncounterType(EncounterType encounterType) {
    this.encounterType = encounterType;
  }

  public Location getLocation() {
    return location;
  }

  public void setLocation(Location location) {
    this.location = location;
  }

  public Patient getPatient() {
    return patient;
  }

  public void setPatient(Patient patient) {
    this.patient = patient;
  }

  public Set<EncounterProvider> getEncounterProviders() {
    return encounterProviders;
  }

  public void addObs(Obs obs) {
    throw new UnsupportedOperationException();
  }

  public void setForm(Form form) {
    this.form = form;
  }

  public Visit getVisit() {
    return visit;
  }

  public void setVisit(Visit visit) {
    this.visit = visit;
  }
}
