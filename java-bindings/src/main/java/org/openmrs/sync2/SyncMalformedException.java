package org.openmrs.sync2;

/** What the parent sent is not what it has to be. */
public class SyncMalformedException extends SyncException {

  private static final long serialVersionUID = 1L;

  /**
   * For clients and filters that an implementation brings along.
   *
   * @param message what happened and what to do, for the administrator; no patient data
   */
  public SyncMalformedException(String message) {
    this(message, null, NO_WAIT);
  }

  SyncMalformedException(String message, String url, long retryAfterMillis) {
    super("Malformed", message, url, retryAfterMillis);
  }
}
