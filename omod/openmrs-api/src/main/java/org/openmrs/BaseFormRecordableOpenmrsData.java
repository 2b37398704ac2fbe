package org.openmrs;

public abstract class BaseFormRecordableOpenmrsData extends BaseOpenmrsData {

  public String getFormFieldNamespace() {
    throw new UnsupportedOperationException();
  }

  public String getFormFieldPath() {
    throw new UnsupportedOperationException();
  }
}
