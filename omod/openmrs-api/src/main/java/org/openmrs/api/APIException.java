package org.openmrs.api;

public class APIException extends RuntimeException {

  private static final long serialVersionUID = 1L;
}
