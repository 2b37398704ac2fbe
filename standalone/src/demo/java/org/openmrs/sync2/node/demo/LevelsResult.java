package org.openmrs.sync2.node.demo;

import java.util.List;

/**
 * The result of edits at each node of a chain.
 *
 * @param copies how many copies have to have an edit, at all nodes together
 * @param reached how many of them have it
 * @param push what the pulls and pushes of all children did
 * @param below what the middle node and the leaf have
 */
record LevelsResult(int copies, int reached, PushResult push, List<KindComparison> below) {

  /** How many objects of the middle node and the leaf are not equal. */
  int different() {
    return below.stream().mapToInt(KindComparison::unequal).sum();
  }

  /** Returns true if all edits are everywhere, and the leaf has what the middle node has. */
  boolean isComplete() {
    boolean compared = below.stream().anyMatch(kind -> kind.compared() > 0);
    return copies > 0 && reached == copies && compared && different() == 0;
  }
}
