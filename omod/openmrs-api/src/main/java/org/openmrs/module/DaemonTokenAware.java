package org.openmrs.module;

public interface DaemonTokenAware {

  void setDaemonToken(DaemonToken daemonToken);
}
