package org.openmrs.sync2;

/**
 * The work that is left for a host that listens to its own changes, see {@link
 * SyncEngine#listening}.
 */
public final class LeftToDo {
  private SyncGap gap;
  private boolean count;

  private LeftToDo() {}

  /** The gap that is to be searched next; null when there is none. */
  public SyncGap gap() {
    return gap;
  }

  /** Returns true if the objects are to be counted that are older than the listening. */
  public boolean count() {
    return count;
  }
}
