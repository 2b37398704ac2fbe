package org.openmrs.sync2.acceptance;

import java.util.List;
import java.util.Optional;

/** The kinds of objects that are synchronized here, and where each is found. */
public enum Kind {
  PATIENT(
      "patient",
      "patient",
      "Patient",
      "person",
      List.of(
          new Part("patient", "patient_id"),
          new Part("patient_identifier", "patient_id"),
          new Part("person_name", "person_id"),
          new Part("person_address", "person_id"),
          new Part("person_attribute", "person_id"))),
  PERSON(
      "person",
      "person",
      "Person",
      "person",
      List.of(
          new Part("person_name", "person_id"),
          new Part("person_address", "person_id"),
          new Part("person_attribute", "person_id"))),
  ENCOUNTER(
      "encounter",
      "encounter",
      "Encounter",
      "encounter",
      List.of(new Part("encounter_provider", "encounter_id"))),
  OBSERVATION("observation", "obs", "Observation", "obs", List.of()),
  VISIT("visit", "visit", null, "visit", List.of(new Part("visit_attribute", "visit_id"))),
  LOCATION(
      "location",
      "location",
      "Location",
      "location",
      List.of(
          new Part("location_attribute", "location_id"),
          new Part("location_tag_map", "location_id"))),
  PROVIDER(
      "provider",
      "provider",
      "Practitioner",
      "provider",
      List.of(new Part("provider_attribute", "provider_id"))),
  ENCOUNTER_TYPE("encounter_type", "encountertype", null, "encounter_type", List.of()),
  VISIT_TYPE("visittype", "visittype", null, "visit_type", List.of()),
  RELATIONSHIP("relationship", "relationship", null, "relationship", List.of()),
  RELATIONSHIP_TYPE("relationship_type", "relationshiptype", null, "relationship_type", List.of());

  /**
   * A table whose rows belong to objects of the kind.
   *
   * @param owner the column that refers to the object's row
   */
  public record Part(String table, String owner) {}

  private final String category;
  private final String resource;
  private final String fhirType;
  private final String table;
  private final List<Part> parts;

  Kind(String category, String resource, String fhirType, String table, List<Part> parts) {
    this.category = category;
    this.resource = resource;
    this.fhirType = fhirType;
    this.table = table;
    this.parts = parts;
  }

  /** The name in feeds and in the module's configuration. */
  public String category() {
    return category;
  }

  /** The name below {@code /ws/rest/v1/}. */
  public String resource() {
    return resource;
  }

  /** The FHIR type that the module knows for the category. */
  public Optional<String> fhirType() {
    return Optional.ofNullable(fhirType);
  }

  /** The table that has the object's uuid. */
  public String table() {
    return table;
  }

  /** The other tables that hold parts of the object. */
  public List<Part> parts() {
    return parts;
  }

  /** For messages. */
  @Override
  public String toString() {
    return category;
  }
}
