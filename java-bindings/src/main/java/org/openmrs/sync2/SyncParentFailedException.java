package org.openmrs.sync2;

/** The parent failed at this object. */
public class SyncParentFailedException extends SyncException {

  private static final long serialVersionUID = 1L;

  /**
   * For clients and filters that an implementation brings along.
   *
   * @param message what happened and what to do, for the administrator; no patient data
   */
  public SyncParentFailedException(String message) {
    this(message, null, NO_WAIT);
  }

  SyncParentFailedException(String message, String url, long retryAfterMillis) {
    super("ParentFailed", message, url, retryAfterMillis);
  }
}
