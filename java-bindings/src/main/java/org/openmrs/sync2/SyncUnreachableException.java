package org.openmrs.sync2;

/** The parent gave no answer: refused, reset, timed out, a TLS failure, 502 or 504. */
public class SyncUnreachableException extends SyncException {

  private static final long serialVersionUID = 1L;

  SyncUnreachableException(String message, String url, long retryAfterMillis) {
    super("Unreachable", message, url, retryAfterMillis);
  }
}
