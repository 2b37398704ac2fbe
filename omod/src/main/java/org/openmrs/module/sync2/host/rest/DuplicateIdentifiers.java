package org.openmrs.module.sync2.host.rest;

import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.openmrs.Location;
import org.openmrs.Patient;
import org.openmrs.PatientIdentifier;
import org.openmrs.PatientIdentifierType;
import org.openmrs.PatientIdentifierType.UniquenessBehavior;
import org.openmrs.api.PatientService;
import org.openmrs.api.context.Context;
import org.openmrs.sync2.SyncDuplicateException;

/**
 * Identifiers that another patient has. Asked before a patient is touched: OpenMRS's own validation
 * does not say whose they are.
 */
final class DuplicateIdentifiers {

  private DuplicateIdentifiers() {}

  /**
   * Checks the identifiers that are new or changed.
   *
   * @param patient null when it is not here yet
   * @throws SyncDuplicateException naming the other patient
   */
  static void check(Patient patient, List<JsonFields> identifiers) {
    for (JsonFields json : identifiers) {
      PatientIdentifier wanted = identifier(patient, json);
      if (!isHere(patient, wanted) && isTaken(wanted)) {
        throw new SyncDuplicateException(
            "the patient "
                + owner(wanted)
                + " here has the same "
                + wanted.getIdentifierType().getName()
                + ": merge the two patients in OpenMRS, or change one of the identifiers");
      }
    }
  }

  private static PatientIdentifier identifier(Patient patient, JsonFields json) {
    PatientIdentifierType type = References.identifierType(json, "identifierType");
    Location location = References.location(json, "location");
    PatientIdentifier identifier = new PatientIdentifier(json.text("identifier"), type, location);
    identifier.setUuid(json.text("uuid"));
    identifier.setPatient(patient);
    return identifier;
  }

  private static boolean isHere(Patient patient, PatientIdentifier wanted) {
    return patient != null
        && patient.getActiveIdentifiers().stream()
            .anyMatch(here -> here.getUuid().equals(wanted.getUuid()) && isSame(here, wanted));
  }

  private static boolean isSame(PatientIdentifier one, PatientIdentifier other) {
    return Objects.equals(one.getIdentifier(), other.getIdentifier())
        && Objects.equals(one.getIdentifierType(), other.getIdentifierType())
        && Objects.equals(one.getLocation(), other.getLocation());
  }

  private static boolean isTaken(PatientIdentifier wanted) {
    return wanted.getIdentifierType().getUniquenessBehavior() != UniquenessBehavior.NON_UNIQUE
        && patients().isIdentifierInUseByAnotherPatient(wanted);
  }

  private static String owner(PatientIdentifier wanted) {
    return patients()
        .getPatientIdentifiers(
            wanted.getIdentifier(),
            Collections.singletonList(wanted.getIdentifierType()),
            Collections.emptyList(),
            Collections.emptyList(),
            null)
        .stream()
        .map(PatientIdentifier::getPatient)
        .filter(owner -> !owner.getVoided() && !owner.equals(wanted.getPatient()))
        .map(Patient::getUuid)
        .findFirst()
        .orElse("");
  }

  private static PatientService patients() {
    return Context.getPatientService();
  }
}
