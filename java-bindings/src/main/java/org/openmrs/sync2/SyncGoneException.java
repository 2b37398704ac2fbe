package org.openmrs.sync2;

/** The parent says that the object was removed; or a page of this node's feed was. */
public class SyncGoneException extends SyncException {

  private static final long serialVersionUID = 1L;

  SyncGoneException(String message, String url, long retryAfterMillis) {
    super("Gone", message, url, retryAfterMillis);
  }
}
