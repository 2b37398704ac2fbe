package org.openmrs.sync2.system;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.mariadb.jdbc.MariaDbDataSource;
import org.openmrs.sync2.SyncAlreadyRunningException;
import org.openmrs.sync2.SyncEngine;
import org.openmrs.sync2.SyncException;
import org.openmrs.sync2.SyncHost;
import org.openmrs.sync2.SyncRun;
import org.openmrs.sync2.jdbc.JdbcHost;

/**
 * One run of a child with the smallest host over MariaDB. It prints {@link #OPENED}, a line {@link
 * #COMMITTED} for each batch, which is up to its host, and how it ended: {@link #ENDED} with the
 * run's state and the kind of its error.
 */
final class LightRun {

  static final String OPENED = "opened";
  static final String COMMITTED = "committed";
  static final String ENDED = "ended ";

  private static final long PAUSE_MILLIS = 50;

  private LightRun() {}

  /**
   * Runs once and reports.
   *
   * @param arguments the JDBC url, the configuration's file and the native library's directory
   * @param host what is between the engine and the smallest host
   * @param run what the engine does
   */
  static void report(
      String[] arguments, UnaryOperator<SyncHost> host, Function<SyncEngine, SyncRun> run)
      throws Exception {
    SyncHost counted = host.apply(new JdbcHost(new MariaDbDataSource(arguments[0])));
    String config = Files.readString(Path.of(arguments[1]));
    try (SyncEngine engine = SyncEngine.open(config, counted, Path.of(arguments[2]))) {
      System.out.println(OPENED);
      SyncRun ended = onceTheLeaseIsFree(engine, run);
      String kind = ended.error() == null ? "" : " " + ended.error().kind();
      System.out.println(ENDED + ended.state() + kind);
    } catch (SyncException e) {
      System.out.println(ENDED + "failed " + e.kind());
    }
  }

  /** Waits until the lease of a child that was killed has run out. */
  private static SyncRun onceTheLeaseIsFree(SyncEngine engine, Function<SyncEngine, SyncRun> run)
      throws InterruptedException {
    while (true) {
      try {
        return run.apply(engine);
      } catch (SyncAlreadyRunningException e) {
        TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
      }
    }
  }
}
