package org.openmrs.sync2;

/** The configuration, or an argument, is wrong. */
public class SyncConfigurationException extends SyncException {

  private static final long serialVersionUID = 1L;

  SyncConfigurationException(String message, String url, long retryAfterMillis) {
    super("Configuration", message, url, retryAfterMillis);
  }
}
