package org.openmrs.sync2;

/** A defect in the sync engine. The engine stays usable; please report it. */
public class SyncInternalException extends SyncException {

  private static final long serialVersionUID = 1L;

  SyncInternalException(String message, String url, long retryAfterMillis) {
    super("Internal", message, url, retryAfterMillis);
  }
}
