package org.openmrs.api.context;

import org.springframework.context.ApplicationContext;

public class ServiceContext {

  public static ServiceContext getInstance() {
    throw new UnsupportedOperationException();
  }

  public ApplicationContext getApplicationContext() {
    throw new UnsupportedOperationException();
  }

  private ServiceContext() {}
}
