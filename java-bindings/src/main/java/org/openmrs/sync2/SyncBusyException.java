package org.openmrs.sync2;

/** The parent asks to come later; see {@link #retryAfterMillis()}. */
public class SyncBusyException extends SyncException {

  private static final long serialVersionUID = 1L;

  SyncBusyException(String message, String url, long retryAfterMillis) {
    super("Busy", message, url, retryAfterMillis);
  }
}
