package org.openmrs.sync2;

/** The account of this node may not read it at the parent. */
public class SyncForbiddenException extends SyncException {

  private static final long serialVersionUID = 1L;

  SyncForbiddenException(String message, String url, long retryAfterMillis) {
    super("Forbidden", message, url, retryAfterMillis);
  }
}
