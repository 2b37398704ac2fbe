package org.openmrs.api.db.hibernate;

import org.hibernate.FlushMode;
import org.hibernate.Query;
import org.hibernate.SQLQuery;
import org.hibernate.SessionFactory;
import org.hibernate.jdbc.Work;

public class DbSession {

  public DbSession(SessionFactory sessionFactory) {
    throw new UnsupportedOperationException();
  }

  public Query createQuery(String queryString) {
    throw new UnsupportedOperationException();
  }

  public SQLQuery createSQLQuery(String queryString) {
    throw new UnsupportedOperationException();
  }

  public void setFlushMode(FlushMode flushMode) {
    throw new UnsupportedOperationException();
  }

  public FlushMode getFlushMode() {
    throw new UnsupportedOperationException();
  }

  public void saveOrUpdate(Object object) {
    throw new UnsupportedOperationException();
  }

  public void evict(Object object) {
    throw new UnsupportedOperationException();
  }

  public void doWork(Work work) {
    throw new UnsupportedOperationException();
  }
}
