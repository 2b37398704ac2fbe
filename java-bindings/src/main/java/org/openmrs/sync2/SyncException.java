package org.openmrs.sync2;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;

/**
 * A failure of the sync engine, or of what the host program brings along. Its kind says what
 * failed. The kinds that callers and hosts tell apart have a class of their own; the others are:
 *
 * <ul>
 *   <li>{@code Unreachable}: the parent gave no answer: refused, reset, timed out, a TLS failure,
 *       502 or 504
 *   <li>{@code Unauthorized}: the parent did not accept the credentials, also after a new log-in
 *   <li>{@code Forbidden}: the account of this node may not read it at the parent
 *   <li>{@code Gone}: the parent says that the object was removed; or a page of this node's feed
 *       was
 *   <li>{@code ParentFailed}: the parent failed at this object
 *   <li>{@code Malformed}: the other side did not send what it has to
 *   <li>{@code MissingReference}: the object refers to something that is neither here nor to be had
 *   <li>{@code NeedsBackfill}: the feed no longer continues where this node stopped
 *   <li>{@code Host}: the {@link SyncHost} or its database failed
 *   <li>{@code LeaseLost}: another server took over while the run was under way
 *   <li>{@code Outdated}: either side has changed since it was shown to who decided
 *   <li>{@code Cancelled}: an administrator or a shutdown cancelled the run
 *   <li>{@code Internal}: a defect in the sync engine, which stays usable; please report it
 * </ul>
 *
 * Messages are for the administrator: what happened and what to do; they hold no secret and no
 * patient data.
 */
public class SyncException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  static final long NO_WAIT = -1;

  private static final Map<String, Type> TYPES = types();

  private final String kind;
  private final String url;
  private final long retryAfterMillis;

  /**
   * For hosts, clients and filters.
   *
   * @param kind one of the kinds above; any other counts as {@code Host}
   * @param message what happened and what to do, for the administrator; no patient data
   */
  public SyncException(String kind, String message) {
    this(kind, message, null, NO_WAIT);
  }

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
    types.put("Busy", SyncBusyException::new);
    types.put("NotFound", SyncNotFoundException::new);
    types.put("Rejected", SyncRejectedException::new);
    types.put("Duplicate", SyncDuplicateException::new);
    types.put("Configuration", SyncConfigurationException::new);
    types.put("AlreadyRunning", SyncAlreadyRunningException::new);
    types.put("Closed", SyncClosedException::new);
    return Collections.unmodifiableMap(types);
  }
}
