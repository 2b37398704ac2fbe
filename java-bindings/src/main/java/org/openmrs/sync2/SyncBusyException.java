package org.openmrs.sync2;

/** The parent asks to come later; see {@link #retryAfterMillis()}. */
public class SyncBusyException extends SyncException {

  private static final long serialVersionUID = 1L;

  /**
   * For clients and filters that an implementation brings along.
   *
   * @param message what happened and what to do, for the administrator; no patient data
   * @param retryAfterMillis when to come again, in milliseconds from now; negative if not known
   */
  public SyncBusyException(String message, long retryAfterMillis) {
    this(message, null, retryAfterMillis);
  }

  SyncBusyException(String message, String url, long retryAfterMillis) {
    super("Busy", message, url, retryAfterMillis);
  }
}
