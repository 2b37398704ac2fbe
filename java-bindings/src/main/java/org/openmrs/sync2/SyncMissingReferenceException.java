package org.openmrs.sync2;

/** The object refers to something that is neither here nor to be had. */
public class SyncMissingReferenceException extends SyncException {

  private static final long serialVersionUID = 1L;

  SyncMissingReferenceException(String message, String url, long retryAfterMillis) {
    super("MissingReference", message, url, retryAfterMillis);
  }
}
