package org.openmrs.sync2;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/** The work of one run, so far. Times are milliseconds since 1970 of the database's clock. */
public final class SyncRun {

  /** Why a run did not complete. */
  public static final class Failure {
    private String kind;
    private String message;

    private Failure() {}

    /** The kind, such as {@code Unreachable}; see {@link SyncException#kind()}. */
    public String kind() {
      return kind;
    }

    /** Returns what happened and what to do. */
    public String message() {
      return message;
    }
  }

  private String id;
  private String direction;
  private String kind;
  private String state;
  private Long startedAt;
  private Long endedAt;
  private long events;
  private Map<String, Long> counts = new TreeMap<>();
  private String position;
  private Long remaining;
  private Double ratePerSecond;
  private Long nextRunAt;
  private Failure error;
  private String nodeId;

  private SyncRun() {}

  /** The uuid of the run. */
  public String id() {
    return id;
  }

  /** {@code pull} or {@code push}. */
  public String direction() {
    return direction;
  }

  /** Returns its kind of work: {@code feed}, {@code retry} or one {@code object}. */
  public String kind() {
    return kind;
  }

  /**
   * {@code running}, {@code completed}, {@code interrupted}, {@code cancelled} or {@code failed}.
   */
  public String state() {
    return state;
  }

  /** When it began. */
  public Long startedAt() {
    return startedAt;
  }

  /** When it ended; null while it runs. */
  public Long endedAt() {
    return endedAt;
  }

  /** How many events it has finished with. */
  public long events() {
    return events;
  }

  /** How many of them by audit status, such as {@code APPLIED}. */
  public Map<String, Long> counts() {
    return Collections.unmodifiableMap(counts);
  }

  /** Where in the feed it is; null when it does not know. */
  public String position() {
    return position;
  }

  /** How many events are left, as far as known; null when it is not. */
  public Long remaining() {
    return remaining;
  }

  /** Events per second; null when there were none. */
  public Double ratePerSecond() {
    return ratePerSecond;
  }

  /** When the schedule starts the next run; null while it runs, and when it is not scheduled. */
  public Long nextRunAt() {
    return nextRunAt;
  }

  /** The node that ran it. */
  public String nodeId() {
    return nodeId;
  }

  /** Why it did not complete; null when it did. */
  public Failure error() {
    return error;
  }
}
