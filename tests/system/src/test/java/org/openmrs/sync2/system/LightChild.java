package org.openmrs.sync2.system;

import org.openmrs.sync2.SyncEngine;

/**
 * {@code LightChild JDBC_URL CONFIG_FILE NATIVE_DIRECTORY}: pulls once into MariaDB with the
 * smallest host, and says how it goes, see {@link LightRun}.
 */
public final class LightChild {

  private LightChild() {}

  /** Exit code 0 whatever became of the run: it is in the last line. */
  public static void main(String[] arguments) throws Exception {
    LightRun.report(arguments, CountingHost::new, SyncEngine::pull);
  }
}
