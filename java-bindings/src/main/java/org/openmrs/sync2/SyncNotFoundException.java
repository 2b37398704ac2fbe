package org.openmrs.sync2;

/** The parent answers 404, which is no proof that the object is gone. */
public class SyncNotFoundException extends SyncException {

  private static final long serialVersionUID = 1L;

  SyncNotFoundException(String message, String url, long retryAfterMillis) {
    super("NotFound", message, url, retryAfterMillis);
  }
}
