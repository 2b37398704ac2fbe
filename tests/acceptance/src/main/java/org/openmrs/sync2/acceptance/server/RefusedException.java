package org.openmrs.sync2.acceptance.server;

import java.io.IOException;

/** A server refuses a request of the suite. */
public final class RefusedException extends IOException {

  private static final long serialVersionUID = 1L;
  private final int status;

  RefusedException(String request, Answer answer) {
    super(request + " was answered with " + answer.status() + ": " + answer.excerpt());
    this.status = answer.status();
  }

  /** The status of the answer. */
  public int status() {
    return status;
  }
}
