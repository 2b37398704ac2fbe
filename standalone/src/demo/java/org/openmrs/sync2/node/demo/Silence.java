package org.openmrs.sync2.node.demo;

/**
 * The work of one more pull and push when nothing was left to do.
 *
 * @param changes how many objects they changed, on either side
 * @param requests how many requests the parent got from them
 * @param idleRequests how many it got from a pull alone when there was nothing to pull, before
 *     anything was pushed; a push of nothing needs none
 */
record Silence(long changes, long requests, long idleRequests) {

  /**
   * Returns true if nothing was changed, and nothing sent but the questions whether there is
   * anything.
   */
  boolean isSilent() {
    return changes == 0 && requests <= idleRequests;
  }
}
