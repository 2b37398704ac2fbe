package org.openmrs.api.context;

import org.openmrs.module.DaemonToken;

public class Daemon {

  public static Thread runInDaemonThread(Runnable runnable, DaemonToken token) {
    throw new UnsupportedOperationException();
  }

  public static boolean isDaemonThread() {
    throw new UnsupportedOperationException();
  }

  private Daemon() {}
}
