package org.openmrs.sync2;

/** The engine was used, or closed again, after {@link SyncEngine#close()}. */
public class SyncClosedException extends SyncException {

  private static final long serialVersionUID = 1L;

  /**
   * For programs around the engine: there is no open engine.
   *
   * @param message what happened and what to do, for the administrator
   */
  public SyncClosedException(String message) {
    this(message, null, NO_WAIT);
  }

  SyncClosedException(String message, String url, long retryAfterMillis) {
    super("Closed", message, url, retryAfterMillis);
  }
}
