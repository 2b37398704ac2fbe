package org.openmrs;

public class PatientIdentifier extends BaseOpenmrsData {

  public PatientIdentifier() {
    throw new UnsupportedOperationException();
  }

  public PatientIdentifier(String identifier, PatientIdentifierType type, Location location) {
    throw new UnsupportedOperationException();
  }

  public String getIdentifier() {
    throw new UnsupportedOperationException();
  }

  public void setIdentifier(String identifier) {
    throw new UnsupportedOperationException();
  }

  public PatientIdentifierType getIdentifierType() {
    throw new UnsupportedOperationException();
  }

  public void setIdentifierType(PatientIdentifierType identifierType) {
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

  public void setPreferred(Boolean preferred) {
    throw new UnsupportedOperationException();
  }
}
