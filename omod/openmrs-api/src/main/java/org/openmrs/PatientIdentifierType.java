package org.openmrs;

public class PatientIdentifierType extends BaseOpenmrsMetadata {

  private PatientIdentifierType.UniquenessBehavior uniquenessBehavior;
  private String formatDescription;
  private Boolean required = false;
  private PatientIdentifierType.LocationBehavior locationBehavior;
  private String format;
  private String validator;

  public void setFormatDescription(String formatDescription) {
    this.formatDescription = formatDescription;
  }

  public void setRequired(Boolean required) {
    this.required = required;
  }

  public LocationBehavior getLocationBehavior() {
    return locationBehavior;
  }

  public void setLocationBehavior(PatientIdentifierType.LocationBehavior locationBehavior) {
    this.locationBehavior = locationBehavior;
  }

  public PatientIdentifierType.UniquenessBehavior getUniquenessBehavior() {
    return uniquenessBehavior;
  }

  public void setUniquenessBehavior(PatientIdentifierType.UniquenessBehavior uniquenessBehavior) {
    this.uniquenessBehavior = uniquenessBehavior;
  }

  public String getFormat() {
    return format;
  }

  public void setFormat(String format) {
    this.format = format;
  }

  public void setValidator(String validator) {
    this.validator = validator;
  }

  public enum LocationBehavior {
    REQUIRED,
    NOT_USED;
  }

  public enum UniquenessBehavior {
    UNIQUE,
    NON_UNIQUE,
    LOCATION;
  }
}
