package org.openmrs.sync2.system;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.mariadb.jdbc.MariaDbDataSource;
import org.openmrs.sync2.SyncAlreadyRunningException;
import org.openmrs.sync2.SyncEngine;
import org.openmrs.sync2.SyncException;
import org.openmrs.sync2.SyncRun;
import org.openmrs.sync2.jdbc.JdbcHost;

/**
 * {@code LightChild JDBC_URL CONFIG_FILE NATIVE_DIRECTORY}: pulls once into MariaDB with the
 * smallest host, and prints {@link #OPENED}, a line {@link CountingHost#COMMITTED} for each batch,
 * and how it ended: {@link #ENDED} with the run's state and the kind of its error.
 */
public final class LightChild {

  static final String OPENED = "opened";
  static final String ENDED = "ended ";

  private static final long PAUSE_MILLIS = 50;

  private LightChild() {}

  /** Exit code 0 whatever became of the run: it is in the last line. */
  public static void main(String[] arguments) throws Exception {
    CountingHost host = new CountingHost(new JdbcHost(new MariaDbDataSource(arguments[0])));
    String config = Files.readString(Path.of(arguments[1]));
    try (SyncEngine engine = SyncEngine.open(config, host, Path.of(arguments[2]))) {
      System.out.println(OPENED);
      SyncRun run = pull(engine);
      String kind = run.error() == null ? "" : " " + run.error().kind();
      System.out.println(ENDED + run.state() + kind);
    } catch (SyncException e) {
      System.out.println(ENDED + "failed " + e.kind());
    }
  }

  /** Waits until the lease of a child that was killed has run out. */
  private static SyncRun pull(SyncEngine engine) throws InterruptedException {
    while (true) {
      try {
        return engine.pull();
      } catch (SyncAlreadyRunningException e) {
        TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
      }
    }
  }
}
