package org.openmrs;

public class PatientIdentifierType extends BaseOpenmrsMetadata {

  public void setFormatDescription(String formatDescription) {
    throw new UnsupportedOperationException();
  }

  public void setRequired(Boolean required) {
    throw new UnsupportedOperationException();
  }

  public void setLocationBehavior(PatientIdentifierType.LocationBehavior locationBehavior) {
    throw new UnsupportedOperationException();
  }

  public PatientIdentifierType.UniquenessBehavior getUniquenessBehavior() {
    throw new UnsupportedOperationException();
  }

  public void setUniquenessBehavior(PatientIdentifierType.UniquenessBehavior uniquenessBehavior) {
    throw new UnsupportedOperationException();
  }

  public void setFormat(String format) {
    throw new UnsupportedOperationException();
  }

  public void setValidator(String validator) {
    throw new UnsupportedOperationException();
  }

  public enum LocationBehavior {
    ;
  }

  public enum UniquenessBehavior {
    NON_UNIQUE;
  }
}
