package org.openmrs.sync2.node.demo;

import java.util.List;

/**
 * How the objects of one kind compare.
 *
 * @param parent how many the parent lists
 * @param child how many the child lists
 * @param equal how many are on both sides with the same content
 * @param different how many are on both sides with other content
 * @param missing how many only the parent has
 * @param extra how many only the child has
 * @param examples the first differences, for people
 */
record KindComparison(
    ObjectKind kind,
    int parent,
    int child,
    int equal,
    int different,
    int missing,
    int extra,
    List<String> examples) {

  /** How many objects there are on either side. */
  int compared() {
    return equal + unequal();
  }

  /** How many of them are not the same on both sides. */
  int unequal() {
    return different + missing + extra;
  }
}
