package org.openmrs.sync2.node.demo;

import java.io.IOException;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * Edits of people at two nodes that have the same, before either hears of the other: each gets new
 * objects, of all kinds that are made up, and changes some that both have; the child removes an
 * observation. No object is edited on both sides: that would be a conflict, for a person to decide.
 */
final class SideEdits {

  private static final int NEW_PATIENTS = 3;

  /** How many objects of each kind are changed, at most, on each side. */
  private static final int CHANGED = 2;

  private final NodeClient parent;
  private final NodeClient child;
  private final Progress progress;

  SideEdits(NodeClient parent, NodeClient child, Progress progress) {
    this.parent = parent;
    this.child = child;
    this.progress = progress;
  }

  /**
   * Makes the edits. Blocks until all are made.
   *
   * @param seed of the parent's new objects, which no node has yet; the child's are of the next one
   * @throws IOException when a node cannot be reached
   * @throws DemoException when a node refuses an edit
   */
  void make(long seed) throws IOException {
    for (ObjectKind kind : ObjectKind.values()) {
      editShared(kind);
    }
    new NodeLoader(parent, progress).load(new GeneratedSource(seed, NEW_PATIENTS));
    new NodeLoader(child, progress).load(new GeneratedSource(seed + 1, NEW_PATIENTS));
  }

  /** The child's and the parent's turn come one after the other, each with another object. */
  private void editShared(ObjectKind kind) throws IOException {
    NavigableSet<String> ids = new TreeSet<>();
    parent.forEachId(kind, ids::add);
    if (kind == ObjectKind.OBSERVATION && !ids.isEmpty()) {
      child.remove(kind, ids.pollFirst());
      progress.advance();
    }
    NodeClient editor = child;
    for (String id : ids.stream().limit(2 * CHANGED).toList()) {
      ObjectEdit.change(editor, kind, id);
      editor = editor == child ? parent : child;
      progress.advance();
    }
  }
}
