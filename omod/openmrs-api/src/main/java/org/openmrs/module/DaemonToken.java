package org.openmrs.module;

public class DaemonToken {

  public DaemonToken(String id) {
    throw new UnsupportedOperationException();
  }
}
