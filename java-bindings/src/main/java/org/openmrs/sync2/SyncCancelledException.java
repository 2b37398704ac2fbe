package org.openmrs.sync2;

/** An administrator or a shutdown cancelled the run. */
public class SyncCancelledException extends SyncException {

  private static final long serialVersionUID = 1L;

  SyncCancelledException(String message, String url, long retryAfterMillis) {
    super("Cancelled", message, url, retryAfterMillis);
  }
}
