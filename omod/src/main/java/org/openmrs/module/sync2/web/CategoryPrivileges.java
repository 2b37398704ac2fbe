package org.openmrs.module.sync2.web;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.openmrs.sync2.SyncAccount;

/**
 * The privileges that OpenMRS itself asks for when somebody reads, writes or removes objects of a
 * category. Writing takes all that adding and editing take, since a child's document may do either.
 */
enum CategoryPrivileges {
  PATIENT("patient", "Patients", "Add", "Edit", "Delete"),
  PERSON("person", "People", "Add", "Edit", "Delete"),
  RELATIONSHIP("relationship", "Relationships", "Add", "Edit", "Delete"),
  VISIT("visit", "Visits", "Add", "Edit", "Delete"),
  ENCOUNTER("encounter", "Encounters", "Add", "Edit", "Delete"),
  OBSERVATION("observation", "Observations", "Add", "Edit", "Delete"),
  DIAGNOSTIC_REPORT("diagnostic_report", "Observations", "Add", "Edit", "Delete"),
  IMMUNIZATION("immunization", "Observations", "Add", "Edit", "Delete"),
  PROCEDURE("procedure", "Observations", "Add", "Edit", "Delete"),
  CONDITION("condition", "Conditions", "Edit", "Edit", "Delete"),
  ALLERGY("allergy", "Allergies", "Add", "Edit", "Remove"),
  DRUG_ORDER("drug_order", "Orders", "Add", "Edit", "Delete"),
  MEDICATION_DISPENSE("medication_dispense", "Medication Dispense", "Edit", "Edit", "Delete"),
  TASK("task", "Tasks", "Add", "Edit", "Delete"),
  LOCATION("location", "Locations", "Manage", "Manage", "Manage"),
  ORGANIZATION("organization", "Locations", "Manage", "Manage", "Manage"),
  PROVIDER("provider", "Providers", "Manage", "Manage", "Manage"),
  CONCEPT("concept", "Concepts", "Manage", "Manage", "Manage"),
  MEDICATION("medication", "Concepts", "Manage", "Manage", "Manage"),
  ENCOUNTER_TYPE("encounter_type", "Encounter Types", "Manage", "Manage", "Manage"),
  ENCOUNTER_ROLE("encounter_role", "Encounter Roles", "Manage", "Manage", "Manage"),
  VISIT_TYPE("visittype", "Visit Types", "Manage", "Manage", "Manage"),
  IDENTIFIER_TYPE("patient_identifier_type", "Identifier Types", "Manage", "Manage", "Manage"),
  PERSON_ATTRIBUTE_TYPE(
      "person_attribute_type", "Person Attribute Types", "Manage", "Manage", "Manage"),
  VISIT_ATTRIBUTE_TYPE(
      "visit_attribute_type", "Visit Attribute Types", "Manage", "Manage", "Manage"),
  LOCATION_ATTRIBUTE_TYPE(
      "location_attribute_type", "Location Attribute Types", "Manage", "Manage", "Manage"),
  /** OpenMRS asks for no privilege of their own, nor for any other. */
  PROVIDER_ATTRIBUTE_TYPE("provider_attribute_type", "Providers", "Manage", "Manage", "Manage");

  private final String category;
  private final String objects;
  private final String adds;
  private final String edits;
  private final String removes;

  CategoryPrivileges(String category, String objects, String adds, String edits, String removes) {
    this.category = category;
    this.objects = objects;
    this.adds = adds;
    this.edits = edits;
    this.removes = removes;
  }

  /**
   * The account of that name with what these privileges let it do. Categories that are not listed
   * here are nobody's.
   */
  static SyncAccount of(String name, Predicate<String> hasPrivilege) {
    return SyncAccount.of(name)
        .reading(categories(hasPrivilege, type -> Arrays.asList("Get")))
        .writing(categories(hasPrivilege, type -> Arrays.asList(type.adds, type.edits)))
        .removing(categories(hasPrivilege, type -> Arrays.asList(type.removes)));
  }

  private static List<String> categories(
      Predicate<String> hasPrivilege, Function<CategoryPrivileges, List<String>> verbs) {
    return Arrays.stream(values())
        .filter(
            type ->
                verbs.apply(type).stream()
                    .allMatch(verb -> hasPrivilege.test(verb + ' ' + type.objects)))
        .map(type -> type.category)
        .collect(Collectors.toList());
  }
}
