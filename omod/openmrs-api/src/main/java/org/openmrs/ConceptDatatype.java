package org.openmrs;

public class ConceptDatatype extends BaseOpenmrsMetadata {

  public boolean isCoded() {
    throw new UnsupportedOperationException();
  }

  public boolean isDate() {
    throw new UnsupportedOperationException();
  }

  public boolean isTime() {
    throw new UnsupportedOperationException();
  }

  public boolean isComplex() {
    throw new UnsupportedOperationException();
  }
}
