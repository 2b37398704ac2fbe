package org.openmrs.module.sync2.host.rest;

import org.hibernate.FlushMode;
import org.hibernate.jdbc.Work;
import org.openmrs.api.context.Context;
import org.openmrs.api.db.hibernate.DbSession;
import org.openmrs.api.db.hibernate.DbSessionFactory;

/** The session of the calling thread, for the little that OpenMRS's services cannot do. */
final class HostSession {

  private HostSession() {}

  /** SQL in the transaction of the thread. */
  static void run(Work work) {
    current().doWork(work);
  }

  /**
   * Runs the work and flushes once at its end: a look-up in between would flush what is only half
   * filled in, before OpenMRS's validators have seen it.
   */
  static void flushingOnce(Runnable work) {
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

  private static DbSession current() {
    return Context.getRegisteredComponent("dbSessionFactory", DbSessionFactory.class)
        .getCurrentSession();
  }
}
