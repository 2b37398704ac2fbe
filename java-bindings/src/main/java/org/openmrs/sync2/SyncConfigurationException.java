package org.openmrs.sync2;

/** The configuration, or an argument, is wrong. */
public class SyncConfigurationException extends SyncException {

  private static final long serialVersionUID = 1L;

  /**
   * For programs around the engine: the configuration is wrong.
   *
   * @param message what happened and what to do, for the administrator
   */
  public SyncConfigurationException(String message) {
    this(message, null, NO_WAIT);
  }

  SyncConfigurationException(String message, String url, long retryAfterMillis) {
    super("Configuration", message, url, retryAfterMillis);
  }
}
