package org.openmrs.sync2;

/**
 * The parent answers 404, which is no proof that the object is gone; or this node's feed has no
 * such page.
 */
public class SyncNotFoundException extends SyncException {

  private static final long serialVersionUID = 1L;

  /**
   * For clients and filters that an implementation brings along.
   *
   * @param message what happened and what to do, for the administrator; no patient data
   */
  public SyncNotFoundException(String message) {
    this(message, null, NO_WAIT);
  }

  SyncNotFoundException(String message, String url, long retryAfterMillis) {
    super("NotFound", message, url, retryAfterMillis);
  }
}
