package org.openmrs.validator;

import org.springframework.validation.Errors;

public class ValidateUtil {

  public static void validate(Object obj) {
    throw new UnsupportedOperationException();
  }

  public static void validate(Object obj, Errors errors) {
    throw new UnsupportedOperationException();
  }

  private ValidateUtil() {}
}
