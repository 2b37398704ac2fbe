package org.openmrs.sync2;

/** Another run is under way, or the engine was called from inside its own call. */
public class SyncAlreadyRunningException extends SyncException {

  private static final long serialVersionUID = 1L;

  /**
   * For programs around the engine: a run is under way.
   *
   * @param message what happened and what to do, for the administrator
   */
  public SyncAlreadyRunningException(String message) {
    this(message, null, NO_WAIT);
  }

  SyncAlreadyRunningException(String message, String url, long retryAfterMillis) {
    super("AlreadyRunning", message, url, retryAfterMillis);
  }
}
