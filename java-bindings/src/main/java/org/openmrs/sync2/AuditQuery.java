package org.openmrs.sync2;

/** Which audit messages are wanted. What is not set does not restrict. */
public final class AuditQuery {

  private String uuid;
  private String run;
  private String category;
  private String object;
  private String status;
  private long limit = 100;
  private long offset;

  /** The one with this uuid. */
  public AuditQuery uuid(String uuid) {
    this.uuid = uuid;
    return this;
  }

  /** Those of one run. */
  public AuditQuery run(String runId) {
    this.run = runId;
    return this;
  }

  /** Those of one category, such as {@code patient}. */
  public AuditQuery category(String category) {
    this.category = category;
    return this;
  }

  /** Those of one object, by its uuid. */
  public AuditQuery object(String objectUuid) {
    this.object = objectUuid;
    return this;
  }

  /** Those with one status, such as {@code PARKED}. */
  public AuditQuery status(String status) {
    this.status = status;
    return this;
  }

  /** At most so many: 1 to 1000, 100 when not set. */
  public AuditQuery limit(long limit) {
    this.limit = limit;
    return this;
  }

  /** Without the first so many. */
  public AuditQuery offset(long offset) {
    this.offset = offset;
    return this;
  }
}
