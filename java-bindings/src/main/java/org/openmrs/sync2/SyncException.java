package org.openmrs.sync2;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;

/**
 * A failure of the sync engine. Each kind has a class of its own. Messages are for the
 * administrator: what happened and what to do; they hold no secret and no patient data.
 */
public class SyncException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  static final long NO_WAIT = -1;

  private static final Map<String, Type> TYPES = types();

  private final String kind;
  private final String url;
  private final long retryAfterMillis;

  SyncException(String kind, String message, String url, long retryAfterMillis) {
    super(url == null ? message : message + " (" + url + ")");
    this.kind = kind;
    this.url = url;
    this.retryAfterMillis = retryAfterMillis;
  }

  /**
   * The name of the kind, as in run records, audit and the HTTP API, such as {@code Unreachable}.
   */
  public String kind() {
    return kind;
  }

  /** Where it happened, without credentials; null when it has no address. */
  public String url() {
    return url;
  }

  /** How long the parent asked to wait, in milliseconds; negative when it did not. */
  public long retryAfterMillis() {
    return retryAfterMillis;
  }

  /** The exception of a kind. Called by the native library. */
  static SyncException of(String kind, String message, String url, long retryAfterMillis) {
    Type type = TYPES.get(kind);
    return type == null
        ? new SyncException(kind, message, url, retryAfterMillis)
        : type.exception(message, url, retryAfterMillis);
  }

  private interface Type {
    SyncException exception(String message, String url, long retryAfterMillis);
  }

  private static Map<String, Type> types() {
    Map<String, Type> types = new HashMap<>();
    types.put("Unreachable", SyncUnreachableException::new);
    types.put("Unauthorized", SyncUnauthorizedException::new);
    types.put("Busy", SyncBusyException::new);
    types.put("Forbidden", SyncForbiddenException::new);
    types.put("NotFound", SyncNotFoundException::new);
    types.put("Gone", SyncGoneException::new);
    types.put("Rejected", SyncRejectedException::new);
    types.put("ParentFailed", SyncParentFailedException::new);
    types.put("MissingReference", SyncMissingReferenceException::new);
    types.put("Duplicate", SyncDuplicateException::new);
    types.put("Malformed", SyncMalformedException::new);
    types.put("NeedsBackfill", SyncNeedsBackfillException::new);
    types.put("Host", SyncHostException::new);
    types.put("Configuration", SyncConfigurationException::new);
    types.put("AlreadyRunning", SyncAlreadyRunningException::new);
    types.put("LeaseLost", SyncLeaseLostException::new);
    types.put("Outdated", SyncOutdatedException::new);
    types.put("Cancelled", SyncCancelledException::new);
    types.put("Closed", SyncClosedException::new);
    types.put("Internal", SyncInternalException::new);
    return Collections.unmodifiableMap(types);
  }
}
