package org.openmrs.module.sync2.capture;

import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A kind of OpenMRS object whose changes this server tells of: its category, its entity, and how to
 * ask for the patient and the location that its objects belong to. Entities are only named, so that
 * those which this OpenMRS does not have do no harm.
 */
enum CapturedType {
  PATIENT("patient", "org.openmrs.Patient", Removal.VOIDED, Belonging.OF_ITSELF_WHERE_REGISTERED),
  /** Asked for only when it is no patient: a patient's row is one of a person, too. */
  PERSON("person", "org.openmrs.Person", Removal.PERSON_VOIDED, Belonging.NOWHERE),
  RELATIONSHIP("relationship", "org.openmrs.Relationship", Removal.VOIDED, Belonging.NOWHERE),
  VISIT("visit", "org.openmrs.Visit", Removal.VOIDED, Belonging.OF_PATIENT_AT_LOCATION),
  ENCOUNTER("encounter", "org.openmrs.Encounter", Removal.VOIDED, Belonging.OF_PATIENT_IN_VISIT),
  OBSERVATION("observation", "org.openmrs.Obs", Removal.VOIDED, Belonging.OF_PERSON_IN_ENCOUNTER),
  CONDITION("condition", "org.openmrs.Condition", Removal.VOIDED, Belonging.OF_PATIENT),
  ALLERGY("allergy", "org.openmrs.Allergy", Removal.VOIDED, Belonging.OF_PATIENT),
  DRUG_ORDER(
      "drug_order", "org.openmrs.DrugOrder", Removal.VOIDED, Belonging.OF_PATIENT_IN_ENCOUNTER),
  MEDICATION_DISPENSE(
      "medication_dispense",
      "org.openmrs.MedicationDispense",
      Removal.VOIDED,
      Belonging.OF_PATIENT_AT_LOCATION),
  DIAGNOSTIC_REPORT(
      "diagnostic_report",
      "org.openmrs.module.fhir2.model.FhirDiagnosticReport",
      Removal.VOIDED,
      Belonging.OF_SUBJECT),
  TASK("task", "org.openmrs.module.fhir2.model.FhirTask", Removal.RETIRED, Belonging.NOWHERE),
  LOCATION("location", "org.openmrs.Location", Removal.RETIRED, Belonging.AT_ITSELF),
  PROVIDER("provider", "org.openmrs.Provider", Removal.RETIRED, Belonging.NOWHERE),
  CONCEPT("concept", "org.openmrs.Concept", Removal.RETIRED, Belonging.NOWHERE),
  MEDICATION("medication", "org.openmrs.Drug", Removal.RETIRED, Belonging.NOWHERE),
  ENCOUNTER_TYPE("encounter_type", "org.openmrs.EncounterType", Removal.RETIRED, Belonging.NOWHERE),
  ENCOUNTER_ROLE("encounter_role", "org.openmrs.EncounterRole", Removal.RETIRED, Belonging.NOWHERE),
  VISIT_TYPE("visittype", "org.openmrs.VisitType", Removal.RETIRED, Belonging.NOWHERE),
  PATIENT_IDENTIFIER_TYPE(
      "patient_identifier_type",
      "org.openmrs.PatientIdentifierType",
      Removal.RETIRED,
      Belonging.NOWHERE),
  PERSON_ATTRIBUTE_TYPE(
      "person_attribute_type",
      "org.openmrs.PersonAttributeType",
      Removal.RETIRED,
      Belonging.NOWHERE),
  VISIT_ATTRIBUTE_TYPE(
      "visit_attribute_type", "org.openmrs.VisitAttributeType", Removal.RETIRED, Belonging.NOWHERE),
  LOCATION_ATTRIBUTE_TYPE(
      "location_attribute_type",
      "org.openmrs.LocationAttributeType",
      Removal.RETIRED,
      Belonging.NOWHERE),
  PROVIDER_ATTRIBUTE_TYPE(
      "provider_attribute_type",
      "org.openmrs.ProviderAttributeType",
      Removal.RETIRED,
      Belonging.NOWHERE);

  private static final Map<String, CapturedType> BY_ENTITY =
      Collections.unmodifiableMap(
          Arrays.stream(values())
              .collect(Collectors.toMap(type -> type.entityName, Function.identity())));

  private final String category;
  private final String entityName;
  private final Removal removal;
  private final Belonging belonging;

  CapturedType(String category, String entityName, Removal removal, Belonging belonging) {
    this.category = category;
    this.entityName = entityName;
    this.removal = removal;
    this.belonging = belonging;
  }

  /** The kind of the entities of that name; null for others. */
  static CapturedType of(String entityName) {
    return BY_ENTITY.get(entityName);
  }

  /** As Hibernate names it. */
  String entityName() {
    return entityName;
  }

  /** As the feed names it, such as {@code drug_order}. */
  String category() {
    return category;
  }

  /** How OpenMRS takes such an object out of use. */
  Removal removal() {
    return removal;
  }

  /**
   * The HQL query for what is told of objects: rows of id, uuid, and the uuids of patient,
   * location, visit or encounter, and group, or null. Its parameter {@code ids} is the list of
   * them.
   */
  String query() {
    return "select o.id, o.uuid, "
        + belonging.patient()
        + ", "
        + belonging.location()
        + ", "
        + belonging.event()
        + ", "
        + belonging.group()
        + " from "
        + entityName
        + " o"
        + belonging.joins()
        + " where o.id in (:ids)";
  }
}
