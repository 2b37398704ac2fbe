package org.openmrs.sync2;

/** The parent gave no answer: refused, reset, timed out, a TLS failure, 502 or 504. */
public class SyncUnreachableException extends SyncException {

  private static final long serialVersionUID = 1L;

  /**
   * For clients and filters that an implementation brings along.
   *
   * @param message what happened and what to do, for the administrator; no patient data
   */
  public SyncUnreachableException(String message) {
    this(message, null, NO_WAIT);
  }

  SyncUnreachableException(String message, String url, long retryAfterMillis) {
    super("Unreachable", message, url, retryAfterMillis);
  }
}
