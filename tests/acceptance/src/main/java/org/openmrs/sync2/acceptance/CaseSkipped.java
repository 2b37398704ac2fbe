package org.openmrs.sync2.acceptance;

/** A case cannot be run with what the command line gives. The message says what is missing. */
public final class CaseSkipped extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public CaseSkipped(String message) {
    super(message);
  }
}
