package org.openmrs.sync2.system;

import org.openmrs.sync2.SyncEngine;

/**
 * {@code LightPusher JDBC_URL CONFIG_FILE NATIVE_DIRECTORY}: pushes once what MariaDB has, with the
 * smallest host, and says how it goes, see {@link LightRun}.
 */
public final class LightPusher {

  private LightPusher() {}

  /** Exit code 0 whatever became of the run: it is in the last line. */
  public static void main(String[] arguments) throws Exception {
    LightRun.report(arguments, PassingHost::new, SyncEngine::push);
  }
}
