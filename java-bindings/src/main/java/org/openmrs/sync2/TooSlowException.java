package org.openmrs.sync2;

import java.io.IOException;

/** The body of a request came too slowly, so that no more of it is awaited: HTTP status 408. */
public final class TooSlowException extends IOException {
  private static final long serialVersionUID = 1L;

  TooSlowException(long leastBytesASecond) {
    super("the body of the request came more slowly than " + leastBytesASecond + " bytes/s");
  }
}
