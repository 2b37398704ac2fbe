package org.openmrs.sync2.node;

import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The kinds of object that a node keeps, and what OpenMRS calls them in its feed, in FHIR and in
 * REST.
 */
enum NodeCategory {
  ENCOUNTER_TYPE("encounter_type", null, "encountertype"),
  VISIT_TYPE("visittype", null, "visittype"),
  PATIENT_IDENTIFIER_TYPE("patient_identifier_type", null, "patientidentifiertype"),
  ORGANIZATION("organization", "Organization", null),
  LOCATION("location", "Location", "location"),
  PERSON("person", "Person", "person"),
  PROVIDER("provider", "Practitioner", "provider"),
  PATIENT("patient", "Patient", "patient"),
  RELATIONSHIP("relationship", "RelatedPerson", "relationship"),
  ENCOUNTER("encounter", "Encounter", "encounter"),
  CONDITION("condition", "Condition", "condition"),
  ALLERGY("allergy", "AllergyIntolerance", null),
  OBSERVATION("observation", "Observation", "obs"),
  PROCEDURE("procedure", "Procedure", null),
  IMMUNIZATION("immunization", "Immunization", null),
  MEDICATION("medication", "Medication", "drug"),
  DRUG_ORDER("drug_order", "MedicationRequest", "order"),
  MEDICATION_DISPENSE("medication_dispense", "MedicationDispense", null),
  DIAGNOSTIC_REPORT("diagnostic_report", "DiagnosticReport", null),
  TASK("task", "Task", null);

  private static final Map<String, NodeCategory> BY_FEED_NAME =
      index(category -> category.feedName);
  private static final Map<String, NodeCategory> BY_FHIR_TYPE =
      index(category -> category.fhirType);
  private static final Map<String, NodeCategory> BY_REST_RESOURCE =
      index(category -> category.restResource);

  private final String feedName;
  private final String fhirType;
  private final String restResource;

  NodeCategory(String feedName, String fhirType, String restResource) {
    this.feedName = feedName;
    this.fhirType = fhirType;
    this.restResource = restResource;
  }

  private static Map<String, NodeCategory> index(Function<NodeCategory, String> key) {
    return Collections.unmodifiableMap(
        Arrays.stream(values())
            .filter(category -> key.apply(category) != null)
            .collect(Collectors.toMap(key, Function.identity())));
  }

  /** The category of that name in feeds and configuration, or null. */
  static NodeCategory ofFeedName(String name) {
    return BY_FEED_NAME.get(name);
  }

  /** The category of a FHIR resource type, or null when its changes are not published. */
  static NodeCategory ofFhirType(String type) {
    return BY_FHIR_TYPE.get(type);
  }

  /** The category that is kept as REST metadata under that resource name, or null. */
  static NodeCategory ofMetadata(String restResource) {
    NodeCategory category = BY_REST_RESOURCE.get(restResource);
    return category != null && category.fhirType == null ? category : null;
  }

  /** The name in feeds and configuration, such as {@code drug_order}. */
  String feedName() {
    return feedName;
  }

  /** The FHIR R4 resource type that it is kept as; null for metadata that only REST has. */
  String fhirType() {
    return fhirType;
  }

  /** The name below {@code /ws/rest/v1/}; null where OpenMRS's REST has none. */
  String restResource() {
    return restResource;
  }
}
