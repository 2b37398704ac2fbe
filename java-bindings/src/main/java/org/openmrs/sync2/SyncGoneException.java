package org.openmrs.sync2;

/** The parent says that the object was removed. */
public class SyncGoneException extends SyncException {

  private static final long serialVersionUID = 1L;

  SyncGoneException(String message, String url, long retryAfterMillis) {
    super("Gone", message, url, retryAfterMillis);
  }
}
