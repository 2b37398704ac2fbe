package org.openmrs.sync2;

/** A kind of object that can be synchronized. */
public final class SyncKind {

  private String category;
  private String fhirType;
  private String restResource;
  private boolean patientData;

  private SyncKind() {}

  /** The name in feeds and configuration, such as {@code drug_order}. */
  public String category() {
    return category;
  }

  /** The FHIR R4 resource type; null where OpenMRS's FHIR module has none. */
  public String fhirType() {
    return fhirType;
  }

  /** The name below {@code /ws/rest/v1/}; null where OpenMRS's REST module has none. */
  public String restResource() {
    return restResource;
  }

  /** Returns true if its objects are about a patient or another person. All else is metadata. */
  public boolean isPatientData() {
    return patientData;
  }
}
