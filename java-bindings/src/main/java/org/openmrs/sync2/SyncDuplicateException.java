package org.openmrs.sync2;

/** Another object here has the same identifier. Thrown by a {@link SyncHost} too, to say so. */
public class SyncDuplicateException extends SyncException {

  private static final long serialVersionUID = 1L;

  /**
   * For hosts: another object has its identifier.
   *
   * @param message what is wrong with it and what to do, for the administrator; no patient data
   */
  public SyncDuplicateException(String message) {
    this(message, null, NO_WAIT);
  }

  SyncDuplicateException(String message, String url, long retryAfterMillis) {
    super("Duplicate", message, url, retryAfterMillis);
  }
}
