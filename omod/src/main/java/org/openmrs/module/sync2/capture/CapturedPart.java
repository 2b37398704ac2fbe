package org.openmrs.module.sync2.capture;

import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A kind of OpenMRS object that is a part of another: whatever happens to it is a change of that
 * one, which is told of, too. Most parts are nothing by themselves.
 */
enum CapturedPart {
  PATIENT_IDENTIFIER("org.openmrs.PatientIdentifier", "patient", CapturedType.PATIENT),
  PERSON_NAME("org.openmrs.PersonName", "person", CapturedType.PERSON),
  PERSON_ADDRESS("org.openmrs.PersonAddress", "person", CapturedType.PERSON),
  PERSON_ATTRIBUTE("org.openmrs.PersonAttribute", "person", CapturedType.PERSON),
  ENCOUNTER_PROVIDER("org.openmrs.EncounterProvider", "encounter", CapturedType.ENCOUNTER),
  /** In FHIR a group names its members. A member is an object of its own besides. */
  GROUP_MEMBER("org.openmrs.Obs", "obsGroup", CapturedType.OBSERVATION),
  VISIT_ATTRIBUTE("org.openmrs.VisitAttribute", "visit", CapturedType.VISIT),
  ALLERGY_REACTION("org.openmrs.AllergyReaction", "allergy", CapturedType.ALLERGY),
  LOCATION_ATTRIBUTE("org.openmrs.LocationAttribute", "location", CapturedType.LOCATION),
  PROVIDER_ATTRIBUTE("org.openmrs.ProviderAttribute", "provider", CapturedType.PROVIDER),
  CONCEPT_NAME("org.openmrs.ConceptName", "concept", CapturedType.CONCEPT),
  CONCEPT_DESCRIPTION("org.openmrs.ConceptDescription", "concept", CapturedType.CONCEPT),
  CONCEPT_ANSWER("org.openmrs.ConceptAnswer", "concept", CapturedType.CONCEPT),
  CONCEPT_SET_MEMBER("org.openmrs.ConceptSet", "conceptSet", CapturedType.CONCEPT),
  CONCEPT_MAP("org.openmrs.ConceptMap", "concept", CapturedType.CONCEPT),
  CONCEPT_ATTRIBUTE("org.openmrs.ConceptAttribute", "concept", CapturedType.CONCEPT),
  DRUG_INGREDIENT("org.openmrs.DrugIngredient", "drug", CapturedType.MEDICATION),
  DRUG_REFERENCE_MAP("org.openmrs.DrugReferenceMap", "drug", CapturedType.MEDICATION);

  private static final Map<String, CapturedPart> BY_ENTITY =
      Collections.unmodifiableMap(
          Arrays.stream(values())
              .collect(Collectors.toMap(part -> part.entityName, Function.identity())));

  private final String entityName;
  private final String property;
  private final CapturedType whole;

  CapturedPart(String entityName, String property, CapturedType whole) {
    this.entityName = entityName;
    this.property = property;
    this.whole = whole;
  }

  /** The kind of the entities of that name; null for others. */
  static CapturedPart of(String entityName) {
    return BY_ENTITY.get(entityName);
  }

  /** As Hibernate names it. */
  String entityName() {
    return entityName;
  }

  /** The property that holds what it is a part of. */
  String property() {
    return property;
  }

  /** What it is a part of. A person may be a patient. */
  CapturedType whole() {
    return whole;
  }
}
