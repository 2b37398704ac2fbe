package org.openmrs.module.sync2.host.fhir;

import org.openmrs.module.sync2.host.CategoryObjects;

/** The objects of OpenMRS in the FHIR representation, by category. */
public final class FhirObjects {

  private FhirObjects() {}

  /**
   * The objects of a category. They hold nothing: the beans that they need are looked up at every
   * use, so that they outlive a refresh of OpenMRS's context.
   *
   * @param category such as {@code patient}
   * @return null when the FHIR module cannot read and write this category faithfully enough
   */
  public static CategoryObjects of(String category) {
    switch (category) {
      case "patient":
        return new PatientObjects();
      case "person":
        return new PersonObjects();
      case "encounter":
        return new EncounterObjects();
      case "observation":
        return new ObservationObjects();
      case "location":
        return new LocationObjects();
      case "provider":
        return new ProviderObjects();
      default:
        return null;
    }
  }
}
