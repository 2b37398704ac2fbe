package org.openmrs.module.webservices.rest.web.representation;

public class CustomRepresentation implements Representation {

  public CustomRepresentation(String specification) {
    throw new UnsupportedOperationException();
  }
}
