package org.openmrs.sync2;

/** The parent did not accept the credentials, also after a new log-in. */
public class SyncUnauthorizedException extends SyncException {

  private static final long serialVersionUID = 1L;

  /**
   * For clients and filters that an implementation brings along.
   *
   * @param message what happened and what to do, for the administrator; no patient data
   */
  public SyncUnauthorizedException(String message) {
    this(message, null, NO_WAIT);
  }

  SyncUnauthorizedException(String message, String url, long retryAfterMillis) {
    super("Unauthorized", message, url, retryAfterMillis);
  }
}
