package org.openmrs.module.sync2.kind;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.openmrs.module.sync2.kind.Kind.Privileges;

/** Every kind of OpenMRS object that this module knows. */
public final class Kinds {

  /** A patient's row is one of a person, too. */
  public static final Kind PERSON = PersonKind.kind();

  /** Who is registered. */
  public static final Kind PATIENT = PatientKind.kind();

  /** Findings and notes. */
  public static final Kind OBSERVATION = ObservationKind.kind();

  /**
   * In the order in which rows are locked: persons first, then what hangs on them, then what others
   * only refer to.
   */
  private static final List<Kind> ALL =
      Collections.unmodifiableList(
          Arrays.asList(
              PERSON,
              PATIENT,
              ProviderKind.kind(),
              VisitKind.kind(),
              EncounterKind.kind(),
              OBSERVATION,
              LocationKind.kind(),
              EncounterTypeKind.kind(),
              EncounterRoleKind.kind(),
              VisitTypeKind.kind(),
              PatientIdentifierTypeKind.kind(),
              PersonAttributeTypeKind.kind(),
              VisitAttributeTypeKind.kind(),
              LocationAttributeTypeKind.kind(),
              ProviderAttributeTypeKind.kind(),
              RelationshipTypeKind.kind(),
              RelationshipKind.kind(),
              // The following are told of, and neither read nor written by this version.
              condition(),
              allergy(),
              drugOrder(),
              medicationDispense(),
              diagnosticReport(),
              task(),
              concept(),
              medication(),
              guarded("organization", Privileges.ofMetadata("Locations")),
              guarded("immunization", Privileges.ofData("Observations")),
              guarded("procedure", Privileges.ofData("Observations"))));

  private static final Map<String, Kind> BY_CATEGORY = index(ALL.stream(), Kind::category);

  private static final Map<String, Kind> BY_ENTITY = index(told().stream(), Kind::entityName);

  private static final Map<String, Part> PARTS_BY_ENTITY =
      index(parts().stream(), Part::entityName);

  private Kinds() {}

  private static <T> Map<String, T> index(Stream<T> all, Function<T, String> key) {
    return Collections.unmodifiableMap(all.collect(Collectors.toMap(key, Function.identity())));
  }

  /** All of them, always in the same order. */
  public static List<Kind> all() {
    return ALL;
  }

  /** Those whose changes are told. */
  public static List<Kind> told() {
    return ALL.stream().filter(kind -> kind.entityName() != null).collect(Collectors.toList());
  }

  /** Whose changes are changes of others, of all kinds. */
  public static List<Part> parts() {
    return ALL.stream().flatMap(kind -> kind.parts().stream()).collect(Collectors.toList());
  }

  /** The kind of that name in feeds and configuration; null for others. */
  public static Kind of(String category) {
    return BY_CATEGORY.get(category);
  }

  /** The kind of the entities of that name; null for others. */
  public static Kind ofEntity(String entityName) {
    return BY_ENTITY.get(entityName);
  }

  /** The kind of part that the entities of that name are; null for others. */
  public static Part partOfEntity(String entityName) {
    return PARTS_BY_ENTITY.get(entityName);
  }

  private static Kind condition() {
    return Kind.of("condition")
        .keptIn(Table.of("conditions", "condition_id"))
        .told("org.openmrs.Condition", Withdrawal.VOIDED, Belonging.OF_PATIENT)
        .guardedBy(Privileges.withoutAdding("Conditions"))
        .belongs(PlaceQuery.ofPatients("conditions", "x.patient_id"));
  }

  private static Kind allergy() {
    return Kind.of("allergy")
        .keptIn(Table.of("allergy", "allergy_id"))
        .told("org.openmrs.Allergy", Withdrawal.VOIDED, Belonging.OF_PATIENT)
        .part("org.openmrs.AllergyReaction", "allergy")
        .guardedBy(Privileges.withRemoving("Allergies"))
        .belongs(PlaceQuery.ofPatients("allergy", "x.patient_id"));
  }

  private static Kind drugOrder() {
    return Kind.of("drug_order")
        .keptIn(Table.of("orders", "order_id"))
        .told("org.openmrs.DrugOrder", Withdrawal.VOIDED, Belonging.OF_PATIENT_IN_ENCOUNTER)
        .guardedBy(Privileges.ofData("Orders"))
        .belongs(
            "SELECT x.uuid, l.uuid, p.uuid FROM orders x"
                + " LEFT JOIN encounter e ON e.encounter_id = x.encounter_id"
                + " LEFT JOIN location l ON l.location_id = e.location_id"
                + " JOIN person p ON p.person_id = x.patient_id");
  }

  private static Kind medicationDispense() {
    return Kind.of("medication_dispense")
        .told("org.openmrs.MedicationDispense", Withdrawal.VOIDED, Belonging.OF_PATIENT_AT_LOCATION)
        .guardedBy(Privileges.withoutAdding("Medication Dispense"));
  }

  private static Kind diagnosticReport() {
    return Kind.of("diagnostic_report")
        .told(
            "org.openmrs.module.fhir2.model.FhirDiagnosticReport",
            Withdrawal.VOIDED,
            Belonging.OF_SUBJECT)
        .guardedBy(Privileges.ofData("Observations"));
  }

  private static Kind task() {
    return Kind.of("task")
        .told("org.openmrs.module.fhir2.model.FhirTask", Withdrawal.RETIRED, Belonging.NOWHERE)
        .guardedBy(Privileges.ofData("Tasks"));
  }

  private static Kind concept() {
    return Kind.of("concept")
        .keptIn(Table.of("concept", "concept_id"))
        .told("org.openmrs.Concept", Withdrawal.RETIRED, Belonging.NOWHERE)
        .part("org.openmrs.ConceptName", "concept")
        .part("org.openmrs.ConceptDescription", "concept")
        .part("org.openmrs.ConceptAnswer", "concept")
        .part("org.openmrs.ConceptSet", "conceptSet")
        .part("org.openmrs.ConceptMap", "concept")
        .part("org.openmrs.ConceptAttribute", "concept")
        .guardedBy(Privileges.ofMetadata("Concepts"));
  }

  private static Kind medication() {
    return Kind.of("medication")
        .keptIn(Table.of("drug", "drug_id"))
        .told("org.openmrs.Drug", Withdrawal.RETIRED, Belonging.NOWHERE)
        .part("org.openmrs.DrugIngredient", "drug")
        .part("org.openmrs.DrugReferenceMap", "drug")
        .guardedBy(Privileges.ofMetadata("Concepts"));
  }

  private static Kind guarded(String category, Privileges privileges) {
    return Kind.of(category).guardedBy(privileges);
  }
}
