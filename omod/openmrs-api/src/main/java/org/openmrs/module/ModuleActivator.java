package org.openmrs.module;

public interface ModuleActivator {

  void willRefreshContext();

  void contextRefreshed();

  void willStart();

  void started();

  void willStop();

  void stopped();
}
