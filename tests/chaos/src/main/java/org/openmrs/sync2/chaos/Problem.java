package org.openmrs.sync2.chaos;

import java.util.List;

/**
 * What should not be at the end of a schedule.
 *
 * @param history of the object that it is about
 */
record Problem(Kind kind, String what, List<String> history) {

  enum Kind {
    /** An acknowledged write is neither at all nodes nor in a conflict. */
    LOST,
    /** An object is there twice, or was written more often than anybody wrote. */
    DOUBLED,
    /** Of two edits one holds, and nothing says so. */
    OVERWRITTEN,
    /** What was removed is there. */
    RESURRECTED,
    /** Two nodes do not have the same, and there is no conflict. */
    DIFFERENT,
    /** Something does not come to its end by itself. */
    STUCK,
    /** A node died, or said that it does. */
    CRASHED,
  }

  @Override
  public String toString() {
    return kind + " " + what + "\n      " + String.join("\n      ", history);
  }
}
