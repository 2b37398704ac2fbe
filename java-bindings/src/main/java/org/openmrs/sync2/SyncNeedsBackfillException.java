package org.openmrs.sync2;

/** The feed no longer continues where this node stopped. */
public class SyncNeedsBackfillException extends SyncException {

  private static final long serialVersionUID = 1L;

  SyncNeedsBackfillException(String message, String url, long retryAfterMillis) {
    super("NeedsBackfill", message, url, retryAfterMillis);
  }
}
