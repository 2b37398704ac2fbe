package org.openmrs.sync2;

/** The account of this node may not read it at the parent. */
public class SyncForbiddenException extends SyncException {

  private static final long serialVersionUID = 1L;

  /**
   * For clients and filters that an implementation brings along.
   *
   * @param message what happened and what to do, for the administrator; no patient data
   */
  public SyncForbiddenException(String message) {
    this(message, null, NO_WAIT);
  }

  SyncForbiddenException(String message, String url, long retryAfterMillis) {
    super("Forbidden", message, url, retryAfterMillis);
  }
}
