package org.openmrs.sync2;

/**
 * A time in which the host did not listen to its own changes, and how far the search of what it
 * missed has come.
 */
public final class SyncGap {
  private long number;
  private long from;
  private long until;
  private String kind;
  private long passed;
  private long found;

  private SyncGap() {}

  /** Tells it from others. */
  public long number() {
    return number;
  }

  /** When it began, milliseconds since 1970 by the host's clock. */
  public long from() {
    return from;
  }

  /** When it ended, milliseconds since 1970 by the host's clock. */
  public long until() {
    return until;
  }

  /**
   * Returns the kind that is searched now, as the host called it; null before the search begins.
   */
  public String kind() {
    return kind;
  }

  /** The last primary key of that kind that was looked at. */
  public long passed() {
    return passed;
  }

  /** How many changes were found. */
  public long found() {
    return found;
  }
}
