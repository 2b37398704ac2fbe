package org.openmrs.module.sync2.capture;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.hibernate.Session;
import org.openmrs.module.sync2.kind.Kind;
import org.openmrs.sync2.Change;
import org.openmrs.sync2.Change.Action;

/**
 * The changes of one transaction: primary keys and texts, nothing of its session.
 *
 * <p>Used by the thread of its session only.
 */
final class TransactionChanges {

  private final Map<Kind, Map<Serializable, List<Action>>> changed = new LinkedHashMap<>();
  private final List<Change> deleted = new ArrayList<>();

  /** Notes a change of the object with that primary key. */
  void add(Kind type, Serializable id, Action action) {
    List<Action> actions =
        changed
            .computeIfAbsent(type, kind -> new LinkedHashMap<>())
            .computeIfAbsent(id, object -> new ArrayList<>());
    if (actions.isEmpty() || actions.get(actions.size() - 1) != action) {
      actions.add(action);
    }
  }

  /** Notes that an object was deleted. To whom it belonged is not told: everybody is to hear. */
  void addDeleted(Kind type, String uuid) {
    deleted.add(Change.of(type.category(), uuid, Action.DELETED));
  }

  /** Returns true if nothing is left to be told. */
  boolean isEmpty() {
    return changed.isEmpty() && deleted.isEmpty();
  }

  /**
   * Returns the changes to tell, as the database has them now; what is told of an object twice in a
   * row is told once: as of a patient, whose person is the same object. Flushes nothing, and loads
   * nothing into the session.
   */
  List<Change> asTold(Session session) {
    List<Change> changes = new ArrayList<>();
    Map<List<String>, Change> last = new HashMap<>();
    Consumer<Change> tell =
        change -> {
          Change before = last.put(Arrays.asList(change.category(), change.uuid()), change);
          if (!change.equals(before)) {
            changes.add(change);
          }
        };
    changed.forEach(
        (type, objects) ->
            CapturedObject.find(session, type, new ArrayList<>(objects.keySet()))
                .forEach(
                    object ->
                        objects
                            .get(object.id())
                            .forEach(action -> tell.accept(object.change(action)))));
    changes.addAll(deleted);
    return changes;
  }

  /** Forgets everything: it was told, or did not happen. */
  void clear() {
    changed.clear();
    deleted.clear();
  }
}
