package org.openmrs.sync2;

/**
 * What is left to do for a host that listens to its own changes, see {@link SyncEngine#listening}.
 */
public final class LeftToDo {
  private SyncGap gap;
  private boolean count;

  private LeftToDo() {}

  /** The gap that is to be searched next; null when there is none. */
  public SyncGap gap() {
    return gap;
  }

  /** Whether the objects are to be counted that are older than the listening. */
  public boolean count() {
    return count;
  }
}
