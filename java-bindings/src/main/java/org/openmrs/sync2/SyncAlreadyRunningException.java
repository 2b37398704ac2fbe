package org.openmrs.sync2;

/** Another run is under way, or the engine was called from inside its own call. */
public class SyncAlreadyRunningException extends SyncException {

  private static final long serialVersionUID = 1L;

  SyncAlreadyRunningException(String message, String url, long retryAfterMillis) {
    super("AlreadyRunning", message, url, retryAfterMillis);
  }
}
