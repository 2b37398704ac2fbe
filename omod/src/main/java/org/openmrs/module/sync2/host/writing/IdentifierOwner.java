package org.openmrs.module.sync2.host.writing;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.openmrs.Patient;
import org.openmrs.PatientIdentifier;
import org.openmrs.PatientIdentifierType;
import org.openmrs.PatientIdentifierType.UniquenessBehavior;
import org.openmrs.sync2.SyncDuplicateException;

/**
 * Whose an identifier is. One that must be unique and is another patient's is never forced upon
 * OpenMRS, whose own validation does not say whose it is. What a voided patient had is free.
 */
public final class IdentifierOwner {

  /** The questions to OpenMRS. */
  public interface Identifiers {

    /** All of this value and type that are not voided, whosever they are. */
    List<PatientIdentifier> of(String value, PatientIdentifierType type);
  }

  private final Identifiers identifiers;

  /** Asks there. */
  public IdentifierOwner(Identifiers identifiers) {
    this.identifiers = identifiers;
  }

  /**
   * Checks the identifiers of a patient that has not been flushed.
   *
   * @throws SyncDuplicateException naming the type and the other patients
   */
  public void check(Patient patient) {
    patient.getIdentifiers().stream()
        .filter(identifier -> !identifier.getVoided())
        .filter(IdentifierOwner::mustBeUnique)
        .forEach(identifier -> check(patient, identifier));
  }

  private void check(Patient patient, PatientIdentifier wanted) {
    String owners =
        identifiers.of(wanted.getIdentifier(), wanted.getIdentifierType()).stream()
            .filter(other -> isSamePlace(wanted, other))
            .map(PatientIdentifier::getPatient)
            .filter(owner -> !owner.getVoided() && !owner.getUuid().equals(patient.getUuid()))
            .map(Patient::getUuid)
            .distinct()
            .collect(Collectors.joining(", "));
    if (!owners.isEmpty()) {
      throw new SyncDuplicateException(
          "its identifier of the type '"
              + wanted.getIdentifierType().getName()
              + "' is the one of patient "
              + owners
              + " here: look at both. If they are one person, she is saved without that identifier,"
              + " and merging her with the other one in OpenMRS joins them; if not, correct the"
              + " identifier of the one who has it wrongly");
    }
  }

  private static boolean mustBeUnique(PatientIdentifier identifier) {
    PatientIdentifierType type = identifier.getIdentifierType();
    return type != null && type.getUniquenessBehavior() != UniquenessBehavior.NON_UNIQUE;
  }

  private static boolean isSamePlace(PatientIdentifier wanted, PatientIdentifier other) {
    return wanted.getIdentifierType().getUniquenessBehavior() != UniquenessBehavior.LOCATION
        || wanted.getLocation() == null
        || Objects.equals(wanted.getLocation(), other.getLocation());
  }
}
