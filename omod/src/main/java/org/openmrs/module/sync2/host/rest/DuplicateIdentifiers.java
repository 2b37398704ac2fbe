package org.openmrs.module.sync2.host.rest;

import java.util.Collections;
import org.openmrs.Patient;
import org.openmrs.PatientIdentifier;
import org.openmrs.PatientIdentifierType.UniquenessBehavior;
import org.openmrs.api.PatientService;
import org.openmrs.api.context.Context;
import org.openmrs.sync2.SyncDuplicateException;

/**
 * Identifiers that another patient has. Asked when OpenMRS has refused a patient: its own
 * validation does not say whose they are.
 */
final class DuplicateIdentifiers {

  private DuplicateIdentifiers() {}

  /**
   * Checks the identifiers of a patient that has not been flushed.
   *
   * @throws SyncDuplicateException naming the other patient
   */
  static void check(Patient refused) {
    for (PatientIdentifier wanted : refused.getActiveIdentifiers()) {
      if (isTaken(wanted)) {
        throw new SyncDuplicateException(
            "the patient "
                + owner(wanted)
                + " here has the same "
                + wanted.getIdentifierType().getName()
                + ": merge the two patients in OpenMRS, or change one of the identifiers");
      }
    }
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

  private static boolean isTaken(PatientIdentifier wanted) {
    return wanted.getIdentifierType().getUniquenessBehavior() != UniquenessBehavior.NON_UNIQUE
        && patients().isIdentifierInUseByAnotherPatient(wanted);
  }

  private static PatientService patients() {
    return Context.getPatientService();
  }
}
