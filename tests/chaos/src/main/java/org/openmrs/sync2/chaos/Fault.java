package org.openmrs.sync2.chaos;

/**
 * What a line does to a request.
 *
 * @param kind what
 * @param target which requests it is for
 * @param skipped so many of them pass before
 * @param times so many of them it is done to
 */
record Fault(Kind kind, Target target, int skipped, int times) {

  /** More requests than a run makes. */
  static final int ALWAYS = 1_000;

  enum Kind {
    /** The connection breaks, and nothing has arrived. */
    CUT,
    /** All is done, and the answer does not come. */
    DROP_ANSWER,
    /** All is done, and half of the answer comes. */
    HALF_ANSWER,
    /** Something in between says 502, and nothing has arrived. */
    LIE_502,
    /** All is done, and something in between says 502. */
    LIE_502_AFTER,
    /** It arrives twice; the second answer comes. */
    TWICE,
    /** It takes its time, both ways. */
    DELAY,
    /** The answer comes in small pieces. */
    THROTTLE,
    /** The connection breaks, and it arrives when the line lets go of what it holds. */
    HOLD,
    /** It is answered, and arrives once more when the line lets go of what it holds. */
    AGAIN_LATE,
    /** The parent is killed before it arrives. */
    KILL_PARENT,
    /** The child is killed when all is done. */
    KILL_CHILD,
    /** The parent is stopped (SIGSTOP) when it arrives. */
    FREEZE_PARENT,
    /** The child is stopped (SIGSTOP) before the answer comes. */
    FREEZE_CHILD,
  }

  enum Target {
    ANY,
    /** What brings objects to the parent, its greeting included. */
    WRITE,
    /** All else. */
    READ,
  }

  @Override
  public String toString() {
    String which = target.toString().toLowerCase() + " request";
    return kind
        + " at "
        + which
        + " "
        + (skipped + 1)
        + (times == 1 ? "" : " and on, " + times + " times");
  }
}
