package org.openmrs.module.sync2.capture;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.stream.Collectors;
import org.hibernate.Session;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.persister.entity.EntityPersister;
import org.hibernate.query.Query;
import org.openmrs.module.sync2.kind.EntityState;
import org.openmrs.module.sync2.kind.Kind;
import org.openmrs.module.sync2.kind.Kinds;
import org.openmrs.module.sync2.kind.Part;
import org.openmrs.sync2.Change.Action;

/**
 * A kind of row that is searched for changes: an entity with the dates that OpenMRS gives its rows,
 * and what a change of one is a change of. In HQL, so that the dates are read as Hibernate wrote
 * them.
 */
final class SearchedKind {

  private static final List<String> CREATED = Arrays.asList("dateCreated", "personDateCreated");
  private static final List<String> OTHER_DATES =
      Arrays.asList(
          "dateChanged", "dateVoided", "dateRetired", "personDateChanged", "personDateVoided");

  private final String name;
  private final EntityPersister persister;
  private final Kind told;

  /** The path to the key of what is told of. */
  private final String toldKey;

  private final List<String> dates;

  private SearchedKind(String name, EntityPersister persister, Kind told, String toldKey) {
    this.name = name;
    this.persister = persister;
    this.told = told;
    this.toldKey = toldKey;
    this.dates = new ArrayList<>(datesAmong(CREATED));
    this.dates.addAll(datesAmong(OTHER_DATES));
  }

  private List<String> datesAmong(List<String> names) {
    List<String> mapped = Arrays.asList(persister.getPropertyNames());
    return names.stream()
        .filter(mapped::contains)
        .filter(date -> Date.class.isAssignableFrom(typeOf(date)))
        .collect(Collectors.toList());
  }

  private Class<?> typeOf(String property) {
    return persister.getPropertyType(property).getReturnedClass();
  }

  /** Those that this OpenMRS has and that have dates, always in the same order. */
  static List<SearchedKind> of(SessionFactoryImplementor sessions) {
    List<SearchedKind> kinds = new ArrayList<>();
    for (Kind type : Kinds.told()) {
      kinds.add(kind(sessions, type.category(), type.entityName(), type, "o.id"));
    }
    for (Part part : Kinds.parts()) {
      String whole = "o." + part.property() + ".id";
      kinds.add(kind(sessions, part.entityName(), part.entityName(), part.whole(), whole));
    }
    return kinds.stream()
        .filter(kind -> kind != null && kind.canBeSearched())
        .collect(Collectors.toList());
  }

  private static SearchedKind kind(
      SessionFactoryImplementor sessions, String name, String entity, Kind told, String toldKey) {
    EntityPersister persister = sessions.getMetamodel().entityPersisters().get(entity);
    return persister == null ? null : new SearchedKind(name, persister, told, toldKey);
  }

  private boolean canBeSearched() {
    return !dates.isEmpty() && Number.class.isAssignableFrom(keyType());
  }

  private Class<?> keyType() {
    return persister.getIdentifierType().getReturnedClass();
  }

  /** As the search's progress is kept. */
  String name() {
    return name;
  }

  private boolean isPart() {
    return !toldKey.equals("o.id");
  }

  private Serializable key(long key) {
    return keyType() == Long.class ? (Serializable) key : (Serializable) (int) key;
  }

  /** The last of the next so many keys; null when no more than these are left. */
  Long lastOfNext(Session session, long after, int count) {
    Object last =
        session
            .createQuery("select o.id from " + from() + " where o.id > :after order by o.id")
            .setParameter("after", key(after))
            .setFirstResult(count - 1)
            .setMaxResults(1)
            .uniqueResult();
    return last == null ? null : ((Number) last).longValue();
  }

  /**
   * Adds what was changed in a time.
   *
   * @param after the key before the first that is looked at
   * @param last the last that is looked at; null for no bound
   */
  void addChanges(Session session, TransactionChanges changes, Range time, long after, Long last) {
    Query<Object[]> query =
        session
            .createQuery(query(last != null), Object[].class)
            .setParameter("after", key(after))
            .setParameter("from", time.from)
            .setParameter("until", time.until);
    if (last != null) {
      query.setParameter("last", key(last));
    }
    for (Object[] row : query.list()) {
      if (row[0] != null) {
        changes.add(told, (Serializable) row[0], action(row, time));
      }
    }
  }

  /** Rows of what is told of, when it was created, and whether it was removed. */
  private String query(boolean bounded) {
    String changed =
        dates.stream()
            .map(date -> "o." + date + " between :from and :until")
            .collect(Collectors.joining(" or "));
    return "select "
        + String.join(", ", toldKey, "o." + dates.get(0), removed())
        + " from "
        + from()
        + " where o.id > :after"
        + (bounded ? " and o.id <= :last" : "")
        + " and ("
        + changed
        + ")";
  }

  /** A part that is nothing by itself is a change of its whole, whatever happened to it. */
  private String removed() {
    return isPart() ? "o.id" : "o." + told.withdrawal().property();
  }

  private Action action(Object[] row, Range time) {
    if (isPart()) {
      return Action.UPDATED;
    }
    EntityState state =
        new EntityState(new String[] {told.withdrawal().property()}, new Object[] {row[2]});
    return CREATED.contains(dates.get(0)) && time.has((Date) row[1])
        ? told.withdrawal().ofInsert(state)
        : told.withdrawal().ofUpdate(null, state);
  }

  private String from() {
    return persister.getEntityName() + " o";
  }

  /** From one moment to another, both included. */
  static final class Range {
    private final Date from;
    private final Date until;

    Range(long from, long until) {
      this.from = new Date(from);
      this.until = new Date(until);
    }

    private boolean has(Date date) {
      return date != null && date.getTime() >= from.getTime() && date.getTime() <= until.getTime();
    }
  }
}
