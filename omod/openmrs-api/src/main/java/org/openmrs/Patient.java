package org.openmrs;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

public class Patient extends Person {

  private String allergyStatus;
  private Set<PatientIdentifier> identifiers = new LinkedHashSet<>();

  public String getAllergyStatus() {
    return allergyStatus;
  }

  public void setAllergyStatus(String allergyStatus) {
    this.allergyStatus = allergyStatus;
  }

  public Set<PatientIdentifier> getIdentifiers() {
    return identifiers;
  }

  public void addIdentifier(PatientIdentifier patientIdentifier) {
    throw new UnsupportedOperationException();
  }

  public List<PatientIdentifier> getActiveIdentifiers() {
    return identifiers.stream()
        .filter(identifier -> !identifier.getVoided())
        .collect(java.util.stream.Collectors.toList());
  }
}
