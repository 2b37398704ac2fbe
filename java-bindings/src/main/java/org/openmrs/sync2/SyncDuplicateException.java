package org.openmrs.sync2;

/** Another object here has the same identifier. Thrown by a {@link SyncHost} too, to say so. */
public class SyncDuplicateException extends SyncException {

  private static final long serialVersionUID = 1L;

  private final String namesakeName;
  private final String namesakeUuid;

  /**
   * For hosts: another object has its identifier.
   *
   * @param message what is wrong with it and what to do, for the administrator; no patient data
   */
  public SyncDuplicateException(String message) {
    this(message, null, null);
  }

  /**
   * For hosts: other metadata has its name, so that the two may be one thing with two uuids.
   *
   * @param message what is wrong with it and what to do, for the administrator
   * @param name the name of both
   * @param uuid the uuid of the one that is here
   */
  public SyncDuplicateException(String message, String name, String uuid) {
    super("Duplicate", message, null, NO_WAIT);
    this.namesakeName = name;
    this.namesakeUuid = uuid;
  }

  SyncDuplicateException(String message, String url, long retryAfterMillis) {
    super("Duplicate", message, url, retryAfterMillis);
    this.namesakeName = null;
    this.namesakeUuid = null;
  }

  /** The name that metadata here has, too; null when it is not about one. */
  public String namesakeName() {
    return namesakeName;
  }

  /** The uuid of the metadata here that has this name; null when it is not about one. */
  public String namesakeUuid() {
    return namesakeUuid;
  }
}
