package org.openmrs.module.sync2.host.rest;

import org.hibernate.jdbc.Work;
import org.openmrs.api.context.Context;
import org.openmrs.api.db.hibernate.DbSessionFactory;

/**
 * SQL in the transaction of the calling thread, for the little that OpenMRS's services cannot do.
 */
final class HostConnection {

  private HostConnection() {}

  static void run(Work work) {
    Context.getRegisteredComponent("dbSessionFactory", DbSessionFactory.class)
        .getCurrentSession()
        .doWork(work);
  }
}
