package org.openmrs.api.db.hibernate;

import org.hibernate.SessionFactory;

public class DbSessionFactory {

  public DbSessionFactory(SessionFactory sessionFactory) {
    throw new UnsupportedOperationException();
  }

  public DbSession getCurrentSession() {
    throw new UnsupportedOperationException();
  }

  public SessionFactory getHibernateSessionFactory() {
    throw new UnsupportedOperationException();
  }
}
