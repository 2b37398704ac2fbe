package org.openmrs;

public class PatientIdentifier extends BaseOpenmrsData {

  private String identifier;
  private PatientIdentifierType identifierType;
  private Location location;
  private Patient patient;
  private Boolean preferred = false;

  public PatientIdentifier() {}

  public PatientIdentifier(String identifier, PatientIdentifierType type, Location location) {}

  public String getIdentifier() {
    return identifier;
  }

  public void setIdentifier(String identifier) {
    this.identifier = identifier;
  }

  public PatientIdentifierType getIdentifierType() {
    return identifierType;
  }

  public void setIdentifierType(PatientIdentifierType identifierType) {
    this.identifierType = identifierType;
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

  public void setPreferred(Boolean preferred) {
    this.preferred = preferred;
  }
}
