package org.openmrs.module;

public abstract class BaseModuleActivator implements ModuleActivator {

  public void contextRefreshed() {
    throw new UnsupportedOperationException();
  }

  public void started() {
    throw new UnsupportedOperationException();
  }

  public void stopped() {
    throw new UnsupportedOperationException();
  }

  public void willRefreshContext() {
    throw new UnsupportedOperationException();
  }

  public void willStart() {
    throw new UnsupportedOperationException();
  }

  public void willStop() {
    throw new UnsupportedOperationException();
  }
}
