package org.openmrs.serialization;

public class SerializationException extends Exception {

  private static final long serialVersionUID = 1L;
}
