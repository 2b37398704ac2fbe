package org.openmrs.sync2;

/** The object was refused by validation. Thrown by a {@link SyncHost} too, to say so. */
public class SyncRejectedException extends SyncException {

  private static final long serialVersionUID = 1L;

  /**
   * For hosts: validation refuses the object.
   *
   * @param message what is wrong with it and what to do, for the administrator; no patient data
   */
  public SyncRejectedException(String message) {
    this(message, null, NO_WAIT);
  }

  SyncRejectedException(String message, String url, long retryAfterMillis) {
    super("Rejected", message, url, retryAfterMillis);
  }
}
