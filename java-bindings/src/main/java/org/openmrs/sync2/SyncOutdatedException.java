package org.openmrs.sync2;

/** What somebody decided on has changed since it was shown. */
public class SyncOutdatedException extends SyncException {

  private static final long serialVersionUID = 1L;

  SyncOutdatedException(String message, String url, long retryAfterMillis) {
    super("Outdated", message, url, retryAfterMillis);
  }
}
