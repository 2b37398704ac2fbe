package org.openmrs;

import java.util.List;
import java.util.Set;

public class Patient extends Person {

  public String getAllergyStatus() {
    throw new UnsupportedOperationException();
  }

  public void setAllergyStatus(String allergyStatus) {
    throw new UnsupportedOperationException();
  }

  public Set<PatientIdentifier> getIdentifiers() {
    throw new UnsupportedOperationException();
  }

  public void addIdentifier(PatientIdentifier patientIdentifier) {
    throw new UnsupportedOperationException();
  }

  public List<PatientIdentifier> getActiveIdentifiers() {
    throw new UnsupportedOperationException();
  }
}
