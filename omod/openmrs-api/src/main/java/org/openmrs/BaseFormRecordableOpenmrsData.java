package org.openmrs;

public abstract class BaseFormRecordableOpenmrsData extends BaseOpenmrsData {

  private String formFieldNamespace;
  private String formFieldPath;

  public String getFormFieldNamespace() {
    return formFieldNamespace;
  }

  public String getFormFieldPath() {
    return formFieldPath;
  }

  public void setFormField(String namespace, String formFieldPath) {
    this.formFieldNamespace = namespace;
    this.formFieldPath = formFieldPath;
  }
}
