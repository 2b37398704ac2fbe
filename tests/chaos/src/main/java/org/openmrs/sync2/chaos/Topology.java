package org.openmrs.sync2.chaos;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Which nodes there are, and whose child each is. The root is P. */
enum Topology {
  /** A is P's child. */
  PAIR(Map.of("A", "P")),
  /** A and B are P's children. */
  STAR(Map.of("A", "P", "B", "P")),
  /** B is A's child, and A is P's. */
  CHAIN(Map.of("A", "P", "B", "A"));

  static final String ROOT = "P";

  private final Map<String, String> parents;

  Topology(Map<String, String> parents) {
    this.parents = new TreeMap<>(parents);
  }

  /** Of each node but the root its parent. */
  Map<String, String> parents() {
    return parents;
  }

  /** The nodes with a parent, those first from which it is far to the root. */
  List<String> children() {
    return parents.keySet().stream().sorted((one, other) -> other.compareTo(one)).toList();
  }

  /** All of them, the root first. */
  List<String> nodes() {
    return parents.size() == 1 ? List.of(ROOT, "A") : List.of(ROOT, "A", "B");
  }

  /** The one whose nodes and lines a schedule of this one can use. */
  Topology laboratory() {
    return this == PAIR ? STAR : this;
  }
}
