package org.openmrs.module;

public abstract class BaseModuleActivator implements ModuleActivator {

  @Override
  public void willRefreshContext() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void contextRefreshed() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void willStart() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void started() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void willStop() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void stopped() {
    throw new UnsupportedOperationException();
  }
}
