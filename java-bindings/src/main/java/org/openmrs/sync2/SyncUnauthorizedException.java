package org.openmrs.sync2;

/** The parent did not accept the credentials, also after a new log-in. */
public class SyncUnauthorizedException extends SyncException {

  private static final long serialVersionUID = 1L;

  SyncUnauthorizedException(String message, String url, long retryAfterMillis) {
    super("Unauthorized", message, url, retryAfterMillis);
  }
}
