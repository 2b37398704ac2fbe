package org.openmrs.sync2;

/** The parent failed at this object. */
public class SyncParentFailedException extends SyncException {

  private static final long serialVersionUID = 1L;

  SyncParentFailedException(String message, String url, long retryAfterMillis) {
    super("ParentFailed", message, url, retryAfterMillis);
  }
}
