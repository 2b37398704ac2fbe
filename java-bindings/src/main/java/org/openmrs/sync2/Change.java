package org.openmrs.sync2;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

/** A change of one object by one transaction, as its host captures it. Cannot be changed. */
public final class Change {

  /** The change of an object. */
  public enum Action {
    CREATED,
    UPDATED,
    VOIDED,
    UNVOIDED,
    RETIRED,
    UNRETIRED,
    DELETED
  }

  private final String category;
  private final String uuid;
  private final Action action;
  private final String patientUuid;
  private final String locationUuid;
  private final List<String> hangsOn;

  private Change(
      String category,
      String uuid,
      Action action,
      String patientUuid,
      String locationUuid,
      List<String> hangsOn) {
    this.category = category;
    this.uuid = uuid;
    this.action = action;
    this.patientUuid = patientUuid;
    this.locationUuid = locationUuid;
    this.hangsOn = hangsOn;
  }

  /**
   * A change of an object that belongs to no patient and no location.
   *
   * @param category such as {@code patient}
   */
  public static Change of(String category, String uuid, Action action) {
    return new Change(
        Objects.requireNonNull(category, "category"),
        Objects.requireNonNull(uuid, "uuid"),
        Objects.requireNonNull(action, "action"),
        null,
        null,
        Collections.emptyList());
  }

  /**
   * The same change of an object that belongs to the record of a patient.
   *
   * @param uuid null when it belongs to none
   */
  public Change ofPatient(String uuid) {
    return new Change(category, this.uuid, action, uuid, locationUuid, hangsOn);
  }

  /**
   * The same change of an object that belongs to a location.
   *
   * @param uuid null when it belongs to none
   */
  public Change atLocation(String uuid) {
    return new Change(category, this.uuid, action, patientUuid, uuid, hangsOn);
  }

  /**
   * The same change of an object that hangs on others: what takes it along when it is removed.
   *
   * @param uuids of its patient, visit, encounter or group
   */
  public Change hangingOn(List<String> uuids) {
    List<String> owners = Collections.unmodifiableList(new ArrayList<>(uuids));
    return new Change(category, uuid, action, patientUuid, locationUuid, owners);
  }

  /** Returns the kind of object, such as {@code patient}. */
  public String category() {
    return category;
  }

  /** The object's OpenMRS uuid or FHIR id. */
  public String uuid() {
    return uuid;
  }

  /** Returns the change. */
  public Action action() {
    return action;
  }

  /** The patient whose record it belongs to, or null. */
  public String patientUuid() {
    return patientUuid;
  }

  /** The location that it belongs to, or null. */
  public String locationUuid() {
    return locationUuid;
  }

  /** The uuids of what it hangs on. */
  public List<String> hangsOn() {
    return hangsOn;
  }

  private List<Object> parts() {
    return Arrays.asList(category, uuid, action, patientUuid, locationUuid, hangsOn);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Change && parts().equals(((Change) other).parts());
  }

  @Override
  public int hashCode() {
    return parts().hashCode();
  }

  @Override
  public String toString() {
    return "Change" + parts();
  }
}
