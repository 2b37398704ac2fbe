package org.openmrs.sync2.node.demo;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Puts objects into an order in which each comes after those that it refers to. Objects that come
 * too early are held until then; only they and the keys of the others are kept in memory.
 */
final class DependencyOrder {

  /** An object and what it still waits for. */
  private record Waiting(SourceObject object, Set<String> missing) {}

  private final Consumer<SourceObject> next;
  private final Set<String> delivered = new HashSet<>();
  private final Map<String, List<Waiting>> waitingFor = new HashMap<>();

  DependencyOrder(Consumer<SourceObject> next) {
    this.next = next;
  }

  /** Hands the object on, with all that waited for it, or holds it. */
  void accept(SourceObject object) {
    Set<String> missing = new HashSet<>(object.references());
    missing.removeAll(delivered);
    missing.remove(object.key());
    if (missing.isEmpty()) {
      deliver(object);
    } else {
      Waiting waiting = new Waiting(object, missing);
      missing.forEach(
          key -> waitingFor.computeIfAbsent(key, none -> new ArrayList<>()).add(waiting));
    }
  }

  private void deliver(SourceObject first) {
    Deque<SourceObject> ready = new ArrayDeque<>(List.of(first));
    while (!ready.isEmpty()) {
      SourceObject object = ready.remove();
      next.accept(object);
      delivered.add(object.key());
      List<Waiting> released = waitingFor.remove(object.key());
      for (Waiting waiting : released == null ? List.<Waiting>of() : released) {
        waiting.missing.remove(object.key());
        if (waiting.missing.isEmpty()) {
          ready.add(waiting.object);
        }
      }
    }
  }

  /**
   * Says that no more objects come.
   *
   * @throws DemoException when some are still held: they refer to each other in a circle
   */
  void finish() {
    waitingFor.values().stream()
        .flatMap(List::stream)
        .findFirst()
        .ifPresent(
            waiting -> {
              throw new DemoException(
                  waiting.object.key()
                      + " cannot be loaded: it refers, over others, back to itself. Take one of"
                      + " these references out of the data");
            });
  }
}
