package org.openmrs.sync2.chaos;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * One object, with every write of it that a node has acknowledged. A value that somebody wrote
 * takes the place of the one that this person saw there, and of no other. So it is known what
 * stands: it must be everywhere at the end, or in a conflict.
 */
final class Item {

  /**
   * An acknowledged write.
   *
   * @param node where
   * @param deed what somebody did
   * @param replaced the values that stood there, by field, whose place it takes
   * @param written the new ones
   */
  record Write(
      String node, Step.Deed deed, Map<String, String> replaced, Map<String, String> written) {

    /** It puts back what was there before, which others may have seen and replaced meanwhile. */
    boolean takesBack() {
      return deed == Step.Deed.UNDO || deed == Step.Deed.UNREMOVE;
    }

    boolean bringsBack() {
      return deed == Step.Deed.RESTORE || deed == Step.Deed.UNREMOVE;
    }
  }

  /**
   * A conflict as a node keeps it.
   *
   * @param node which node
   * @param child the child that met it; empty when this node is the one
   * @param ours the values of the document here; empty when it is removed here
   * @param theirs those of the other side; empty when it is removed there
   */
  record Conflict(
      String node, String child, Map<String, String> ours, Map<String, String> theirs) {}

  /**
   * What a node has.
   *
   * @param version how often it was written there
   */
  record Shown(Map<String, String> values, long version) {}

  /** What stands: values by field, and how many removals. */
  private record Standing(Map<String, Set<String>> values, int removals) {

    boolean hasContent() {
      return values.values().stream().anyMatch(set -> !set.isEmpty());
    }

    boolean isDisputed() {
      return values.values().stream().anyMatch(set -> set.size() > 1)
          || (hasContent() && removals > 0);
    }
  }

  private final Kind kind;
  private final String id;
  private final List<Write> writes = new ArrayList<>();
  private final List<String> history = new ArrayList<>();

  /** Some writes are lost for good, with a database that was replaced by an older copy. */
  private boolean isUncertain;

  Item(Kind kind, String id) {
    this.kind = kind;
    this.id = id;
  }

  Kind kind() {
    return kind;
  }

  String id() {
    return id;
  }

  boolean isUncertain() {
    return isUncertain;
  }

  /** A node said that it has done this. */
  void acknowledged(Write write) {
    writes.add(write);
    tell(write.node() + " " + write.deed() + " " + write.replaced() + " -> " + write.written());
  }

  /** Something else happened that somebody wants to know who looks for a failure. */
  void tell(String what) {
    history.add(what);
  }

  /** A database was replaced in which there may have been writes that were nowhere else. */
  void becomeUncertain(String why) {
    isUncertain = true;
    tell(why);
  }

  List<Write> writes() {
    return Collections.unmodifiableList(writes);
  }

  /** The last edit of it at a node. */
  Write lastEdit(String node) {
    return last(node, Step.Deed.EDIT);
  }

  /** The last removal of it at a node. */
  Write lastRemoval(String node) {
    return last(node, Step.Deed.REMOVE);
  }

  /** Null when there is none. */
  private Write last(String node, Step.Deed deed) {
    Write last = null;
    for (Write write : writes) {
      if (write.node().equals(node)) {
        last = write;
      }
    }
    return last != null && last.deed() == deed ? last : null;
  }

  private Standing standing() {
    Map<String, Set<String>> values = perField();
    // What somebody saw who removed it: it is not wanted again where an edit of it is taken back.
    Map<String, Set<String>> removed = perField();
    int removals = 0;
    for (Write write : writes) {
      boolean removes = write.deed() == Step.Deed.REMOVE;
      write.replaced().forEach((field, value) -> values.get(field).remove(value));
      if (removes) {
        write.replaced().forEach((field, value) -> removed.get(field).add(value));
      }
      if (write.bringsBack()) {
        removed.values().forEach(Set::clear);
      }
      removals = write.bringsBack() ? 0 : removals + (removes ? 1 : 0);
      write
          .written()
          .forEach(
              (field, value) -> {
                boolean isDone = !values.get(field).isEmpty() || removed.get(field).contains(value);
                if (!write.takesBack() || !isDone) {
                  values.get(field).add(value);
                }
              });
    }
    return new Standing(values, removals);
  }

  private Map<String, Set<String>> perField() {
    Map<String, Set<String>> values = new TreeMap<>();
    kind.fields().forEach(field -> values.put(field, new LinkedHashSet<>()));
    return values;
  }

  /**
   * Judges it when all is quiet.
   *
   * @param shown what each node has; nothing of one that does not have it
   * @param parents of each node but the root its parent
   * @param conflicts all of it that are open
   */
  List<Problem> judge(
      Map<String, Shown> shown, Map<String, String> parents, List<Conflict> conflicts) {
    List<Problem> problems = new ArrayList<>();
    Set<String> nodes = new TreeSet<>(parents.keySet());
    nodes.addAll(parents.values());
    problems.addAll(unequal(shown, parents, conflicts));
    problems.addAll(invented(shown));
    if (!isUncertain) {
      problems.addAll(
          conflicts.isEmpty() ? lost(shown, nodes) : lostInConflict(shown.values(), conflicts));
      problems.addAll(doubled(shown));
    }
    return problems;
  }

  /** A child has what its parent has, or a conflict. */
  private List<Problem> unequal(
      Map<String, Shown> shown, Map<String, String> parents, List<Conflict> conflicts) {
    List<Problem> problems = new ArrayList<>();
    parents.forEach(
        (child, parent) -> {
          boolean isDisputed =
              conflicts.stream().anyMatch(it -> it.node().equals(child) && it.child().isEmpty());
          if (!isDisputed && !Objects.equals(values(shown, child), values(shown, parent))) {
            problems.add(
                problem(
                    Problem.Kind.DIFFERENT,
                    "no conflict, and %s has %s, %s has %s",
                    child,
                    values(shown, child),
                    parent,
                    values(shown, parent)));
          }
        });
    return problems;
  }

  private static Object values(Map<String, Shown> shown, String node) {
    return shown.containsKey(node) ? shown.get(node).values() : "nothing";
  }

  /** What nobody wrote. */
  private List<Problem> invented(Map<String, Shown> shown) {
    List<Problem> problems = new ArrayList<>();
    shown.forEach(
        (node, it) ->
            it.values()
                .forEach(
                    (field, value) -> {
                      if (writes.stream().noneMatch(w -> value.equals(w.written().get(field)))) {
                        problems.add(
                            problem(
                                Problem.Kind.OVERWRITTEN,
                                "nobody wrote what %s says of %s: %s",
                                node,
                                field,
                                value));
                      }
                    }));
    return problems;
  }

  /** Without a conflict what stands has to be at each node, and be all there is. */
  private List<Problem> lost(Map<String, Shown> shown, Set<String> nodes) {
    Standing standing = standing();
    List<Problem> problems = new ArrayList<>();
    if (standing.hasContent() && standing.removals() > 0) {
      problems.add(
          problem(Problem.Kind.LOST, "removed by one, written by another, and no conflict"));
    }
    for (String node : nodes) {
      Shown here = shown.get(node);
      if (standing.hasContent() && here == null) {
        problems.add(problem(Problem.Kind.LOST, "%s does not have it", node));
      } else if (!standing.hasContent() && here != null) {
        problems.add(problem(Problem.Kind.RESURRECTED, "%s has it, though it was removed", node));
      } else if (here != null) {
        standing
            .values()
            .forEach((field, stands) -> problems.addAll(lost(node, field, stands, here)));
      }
    }
    return problems;
  }

  private List<Problem> lost(String node, String field, Set<String> stands, Shown here) {
    String says = here.values().get(field);
    if (stands.isEmpty() || stands.equals(Set.of(says))) {
      return List.of();
    }
    String what = "%s says of %s: %s; what stands is %s, and there is no conflict";
    return List.of(problem(kindOfLoss(stands, says), what, node, field, says, stands));
  }

  private static Problem.Kind kindOfLoss(Set<String> stands, String says) {
    return stands.contains(says) ? Problem.Kind.OVERWRITTEN : Problem.Kind.LOST;
  }

  /** With a conflict what stands has to be at a node or in the conflict, which has both sides. */
  private List<Problem> lostInConflict(Collection<Shown> shown, List<Conflict> conflicts) {
    List<Problem> problems = new ArrayList<>();
    List<Map<String, String>> documents =
        Stream.concat(
                shown.stream().map(Shown::values),
                conflicts.stream().flatMap(it -> Stream.of(it.ours(), it.theirs())))
            .toList();
    standing()
        .values()
        .forEach(
            (field, stands) -> {
              for (String value : stands) {
                if (documents.stream().noneMatch(it -> value.equals(it.get(field)))) {
                  String what = "%s of %s is at no node, nor in the conflict";
                  problems.add(problem(Problem.Kind.LOST, what, value, field));
                }
              }
            });
    return problems;
  }

  /**
   * Where one node alone was written to, no other write took place there: neither twice, nor of
   * that node's own past.
   */
  private List<Problem> doubled(Map<String, Shown> shown) {
    Set<String> authors = new TreeSet<>(writes.stream().map(Write::node).toList());
    List<Problem> problems = new ArrayList<>();
    shown.forEach(
        (node, here) -> {
          boolean isOnlyAuthor = authors.equals(Set.of(node));
          boolean isWrong =
              isOnlyAuthor ? here.version() != writes.size() : here.version() > 2L * writes.size();
          if (isWrong) {
            problems.add(
                problem(
                    Problem.Kind.DOUBLED,
                    "%d acknowledged writes, %s has version %d",
                    writes.size(),
                    node,
                    here.version()));
          }
        });
    return problems;
  }

  /** Returns true if conflicts of it are open though nothing is in dispute. */
  boolean isNeedless(List<Conflict> conflicts) {
    return !isUncertain && !conflicts.isEmpty() && !standing().isDisputed();
  }

  private Problem problem(Problem.Kind problem, String what, Object... details) {
    return new Problem(problem, this + ": " + String.format(what, details), List.copyOf(history));
  }

  @Override
  public String toString() {
    return kind.type() + "/" + id;
  }
}
