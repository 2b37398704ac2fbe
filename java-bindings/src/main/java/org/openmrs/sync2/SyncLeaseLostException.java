package org.openmrs.sync2;

/** Another server took over while the run was under way. */
public class SyncLeaseLostException extends SyncException {

  private static final long serialVersionUID = 1L;

  SyncLeaseLostException(String message, String url, long retryAfterMillis) {
    super("LeaseLost", message, url, retryAfterMillis);
  }
}
