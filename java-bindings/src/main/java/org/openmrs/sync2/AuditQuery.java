package org.openmrs.sync2;

import com.fasterxml.jackson.core.type.TypeReference;
import java.util.Map;
import java.util.stream.Collectors;

/** Which audit messages are wanted. What is not set does not restrict. */
public final class AuditQuery {

  private String direction;
  private String category;
  private String objectUuid;
  private String status;
  private String runId;
  private String errorKind;
  private Long from;
  private Long until;
  private long limit = 100;
  private String after;

  /** Those of one direction: {@code pull} or {@code push}. */
  public AuditQuery direction(String direction) {
    this.direction = direction;
    return this;
  }

  /** Those of one category, such as {@code patient}. */
  public AuditQuery category(String category) {
    this.category = category;
    return this;
  }

  /** Those of one object. */
  public AuditQuery objectUuid(String objectUuid) {
    this.objectUuid = objectUuid;
    return this;
  }

  /** Those with one status, such as {@code PARKED}. */
  public AuditQuery status(String status) {
    this.status = status;
    return this;
  }

  /** Those of one run. */
  public AuditQuery runId(String runId) {
    this.runId = runId;
    return this;
  }

  /** Those that failed in one way, such as {@code NotFound}; see {@link SyncException#kind()}. */
  public AuditQuery errorKind(String errorKind) {
    this.errorKind = errorKind;
    return this;
  }

  /** Those recorded at or after this time, in milliseconds since 1970. */
  public AuditQuery from(long millis) {
    this.from = millis;
    return this;
  }

  /** Those recorded before this time, in milliseconds since 1970. */
  public AuditQuery until(long millis) {
    this.until = millis;
    return this;
  }

  /** At most so many: 1 to 1000, 100 when not set. */
  public AuditQuery limit(long limit) {
    this.limit = limit;
    return this;
  }

  /**
   * Those that come in the list after this place: the {@code next} of a search, or the {@code
   * cursor} of a message.
   */
  public AuditQuery after(String cursor) {
    this.after = cursor;
    return this;
  }

  /** As it stands in an url. */
  String written() {
    Map<String, Object> fields =
        Json.MAPPER.convertValue(this, new TypeReference<Map<String, Object>>() {});
    return fields.entrySet().stream()
        .map(field -> field.getKey() + "=" + SyncApi.Request.encoded(field.getValue().toString()))
        .collect(Collectors.joining("&"));
  }
}
