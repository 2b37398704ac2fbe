package org.openmrs.sync2.node.demo;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * The kinds of object that the demo loads and compares, in the order in which they depend on each
 * other. Written down here a second time, apart from the engine's own list, because the comparison
 * must not share the engine's idea of what exists.
 */
public enum ObjectKind {
  ENCOUNTER_TYPE(Form.REST, "encountertype"),
  VISITTYPE(Form.REST, "visittype"),
  PATIENT_IDENTIFIER_TYPE(Form.REST, "patientidentifiertype"),
  ORGANIZATION(Form.FHIR, "Organization"),
  LOCATION(Form.FHIR, "Location"),
  PERSON(Form.FHIR, "Person"),
  PROVIDER(Form.FHIR, "Practitioner"),
  PATIENT(Form.FHIR, "Patient"),
  RELATIONSHIP(Form.FHIR, "RelatedPerson"),
  ENCOUNTER(Form.FHIR, "Encounter"),
  CONDITION(Form.FHIR, "Condition"),
  ALLERGY(Form.FHIR, "AllergyIntolerance"),
  OBSERVATION(Form.FHIR, "Observation"),
  PROCEDURE(Form.FHIR, "Procedure"),
  IMMUNIZATION(Form.FHIR, "Immunization"),
  MEDICATION(Form.FHIR, "Medication"),
  DRUG_ORDER(Form.FHIR, "MedicationRequest"),
  MEDICATION_DISPENSE(Form.FHIR, "MedicationDispense"),
  DIAGNOSTIC_REPORT(Form.FHIR, "DiagnosticReport"),
  TASK(Form.FHIR, "Task");

  /** How a node serves a kind. */
  public enum Form {
    FHIR("/ws/fhir2/R4/"),
    REST("/ws/rest/v1/");

    private final String path;

    Form(String path) {
      this.path = path;
    }
  }

  private final Form form;
  private final String type;

  ObjectKind(Form form, String type) {
    this.form = form;
    this.type = type;
  }

  /** The kind of a FHIR resource type; empty when no category covers it. */
  static Optional<ObjectKind> ofFhirType(String type) {
    return Arrays.stream(values())
        .filter(kind -> kind.form == Form.FHIR && kind.type.equals(type))
        .findFirst();
  }

  /** The category in feeds, configuration and audit, such as {@code drug_order}. */
  public String category() {
    return name().toLowerCase(Locale.ROOT);
  }

  public Form form() {
    return form;
  }

  /** The FHIR resource type or the REST resource name. */
  public String type() {
    return type;
  }

  /** Where the objects of this kind are, below the base url of a node. */
  String path() {
    return form.path + type;
  }

  /** Returns true if objects of this kind belong to the site and not to a patient. */
  boolean isOfTheSite() {
    return compareTo(PATIENT) < 0;
  }
}
