package org.openmrs.sync2;

import java.io.IOException;

/** The body of a request is, or expands to, more than is taken. */
final class TooLargeException extends IOException {
  private static final long serialVersionUID = 1L;

  TooLargeException(String message) {
    super(message);
  }
}
