package org.openmrs.sync2;

/** The engine was used, or closed again, after {@link SyncEngine#close()}. */
public class SyncClosedException extends SyncException {

  private static final long serialVersionUID = 1L;

  SyncClosedException(String message, String url, long retryAfterMillis) {
    super("Closed", message, url, retryAfterMillis);
  }
}
