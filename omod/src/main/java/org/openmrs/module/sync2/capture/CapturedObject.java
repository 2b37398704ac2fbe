package org.openmrs.module.sync2.capture;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.hibernate.FlushMode;
import org.hibernate.Session;
import org.openmrs.module.sync2.kind.Kind;
import org.openmrs.module.sync2.kind.Kinds;
import org.openmrs.sync2.Change;
import org.openmrs.sync2.Change.Action;

/** An object that was changed, with what is told of it, as it is in the database now. */
final class CapturedObject {

  /** Databases bound the values of one statement. A power of two. */
  private static final int MOST_AT_ONCE = 512;

  private final Kind type;
  private final Object[] row;

  private CapturedObject(Kind type, Object[] row) {
    this.type = type;
    this.row = row;
  }

  /**
   * Those of the objects that are there. They are asked for in a few queries and not loaded: the
   * session may have been cleared since they were changed, and must not be filled again. Flushes
   * nothing.
   *
   * @param ids primary keys
   */
  static List<CapturedObject> find(Session session, Kind type, List<Serializable> ids) {
    if (type != Kinds.PERSON) {
      return query(session, type, ids);
    }
    List<CapturedObject> found = query(session, Kinds.PATIENT, ids);
    Set<Serializable> patients = found.stream().map(CapturedObject::id).collect(Collectors.toSet());
    List<Serializable> others = new ArrayList<>(ids);
    others.removeAll(patients);
    found.addAll(query(session, Kinds.PERSON, others));
    return found;
  }

  private static List<CapturedObject> query(Session session, Kind type, List<Serializable> ids) {
    List<CapturedObject> found = new ArrayList<>();
    Set<Object> known = new HashSet<>();
    for (int from = 0; from < ids.size(); from += MOST_AT_ONCE) {
      List<Serializable> some = ids.subList(from, Math.min(from + MOST_AT_ONCE, ids.size()));
      session
          .createQuery(type.queryOfChanges(), Object[].class)
          .setParameterList("ids", padded(some))
          .setHibernateFlushMode(FlushMode.MANUAL)
          .list()
          .stream()
          .filter(row -> known.add(row[0]))
          .forEach(row -> found.add(new CapturedObject(type, row)));
    }
    return found;
  }

  /**
   * The same, the last repeated until their number is a power of two: Hibernate parses the query
   * anew for each number, and keeps all of them in memory.
   */
  private static List<Serializable> padded(List<Serializable> ids) {
    List<Serializable> padded = new ArrayList<>(ids);
    while (Integer.bitCount(padded.size()) != 1) {
      padded.add(ids.get(ids.size() - 1));
    }
    return padded;
  }

  /** Its primary key. */
  Serializable id() {
    return (Serializable) row[0];
  }

  /** Returns the change. */
  Change change(Action action) {
    return Change.of(type.category(), (String) row[1], action)
        .ofPatient((String) row[2])
        .atLocation((String) row[3])
        .hangingOn(owners());
  }

  /**
   * Returns the owners that it is voided with: its patient, its visit or encounter, its group.
   * OpenMRS voids an observation of an encounter with that, not with its patient: when two patients
   * are merged, it is replaced while its patient is voided.
   */
  private List<String> owners() {
    boolean isOfAnEncounter = type == Kinds.OBSERVATION && row[4] != null;
    return Stream.of(isOfAnEncounter ? null : row[2], row[4], row[5])
        .filter(owner -> owner != null && !owner.equals(row[1]))
        .map(String.class::cast)
        .collect(Collectors.toList());
  }
}
