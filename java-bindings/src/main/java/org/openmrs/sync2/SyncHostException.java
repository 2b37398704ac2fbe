package org.openmrs.sync2;

/** The {@link SyncHost} or its database failed. */
public class SyncHostException extends SyncException {

  private static final long serialVersionUID = 1L;

  SyncHostException(String message, String url, long retryAfterMillis) {
    super("Host", message, url, retryAfterMillis);
  }
}
