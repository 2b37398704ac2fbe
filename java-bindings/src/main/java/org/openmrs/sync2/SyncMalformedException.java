package org.openmrs.sync2;

/** What the parent sent is not what it has to be. */
public class SyncMalformedException extends SyncException {

  private static final long serialVersionUID = 1L;

  SyncMalformedException(String message, String url, long retryAfterMillis) {
    super("Malformed", message, url, retryAfterMillis);
  }
}
