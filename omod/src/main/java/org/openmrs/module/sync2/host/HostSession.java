package org.openmrs.module.sync2.host;

import java.io.Serializable;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.hibernate.FlushMode;
import org.hibernate.jdbc.Work;
import org.openmrs.Retireable;
import org.openmrs.api.context.Context;
import org.openmrs.api.db.hibernate.DbSession;
import org.openmrs.api.db.hibernate.DbSessionFactory;

/** The session of the calling thread, for the little that OpenMRS's services cannot do. */
public final class HostSession {

  /** The findings in the session of each thread, by kind and name. */
  private static final ThreadLocal<Map<String, Object>> FOUND = new ThreadLocal<>();

  private HostSession() {}

  /**
   * Metadata that many objects refer to, looked for once in a session.
   *
   * @param kind tells it from others of the same name
   * @return null when it is not here
   */
  @SuppressWarnings("unchecked")
  public static <T> T once(String kind, String name, Function<String, T> finder) {
    Map<String, Object> found = FOUND.get();
    if (found == null) {
      found = new HashMap<>();
      FOUND.set(found);
    }
    return (T) found.computeIfAbsent(kind + ' ' + name, key -> finder.apply(name));
  }

  /** Empties the session of the thread, and forgets what was found in it. */
  public static void clear() {
    FOUND.remove();
    Context.clearSession();
  }

  /** SQL in the transaction of the thread. */
  public static void run(Work work) {
    current().doWork(work);
  }

  /**
   * Runs the work and flushes once at its end: a look-up in between would flush what is only half
   * filled in, before OpenMRS's validators have seen it.
   */
  public static void flushingOnce(Runnable work) {
    DbSession session = current();
    FlushMode before = session.getFlushMode();
    session.setFlushMode(FlushMode.MANUAL);
    try {
      work.run();
      Context.flushSession();
    } finally {
      session.setFlushMode(before);
    }
  }

  /**
   * Objects with some of their lazy lists, for each list a query.
   *
   * @param queries HQL with the parameter {@code uuids}; the first one gives the objects
   */
  @SuppressWarnings("unchecked")
  public static <T> List<T> together(Collection<String> uuids, String... queries) {
    List<T> objects = null;
    for (String query : queries) {
      List<T> found = current().createQuery(query).setParameterList("uuids", uuids).list();
      objects = objects == null ? found : objects;
    }
    return objects;
  }

  /** Takes an object into the session, to be written with the next flush. */
  public static void store(Object object) {
    if (object instanceof Retireable) {
      // Metadata: what was found before may be another now.
      FOUND.remove();
    }
    current().saveOrUpdate(object);
  }

  /**
   * Lets go of an object in the session, and in the cache of all sessions, as one of that class.
   */
  public static void forget(Class<?> type, Object object, Serializable id) {
    current().evict(object);
    sessions().getHibernateSessionFactory().getCache().evictEntityData(type, id);
  }

  private static DbSession current() {
    return sessions().getCurrentSession();
  }

  private static DbSessionFactory sessions() {
    return Context.getRegisteredComponent("dbSessionFactory", DbSessionFactory.class);
  }
}
