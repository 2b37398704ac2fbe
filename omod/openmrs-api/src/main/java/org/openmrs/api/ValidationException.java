package org.openmrs.api;

import org.springframework.validation.Errors;

public class ValidationException extends APIException {

  private static final long serialVersionUID = 1L;

  public Errors getErrors() {
    throw new UnsupportedOperationException();
  }
}
