package org.openmrs.sync2.node;

import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.openmrs.sync2.SyncApi;
import org.openmrs.sync2.SyncEngine;
import org.openmrs.sync2.SyncException;
import org.openmrs.sync2.SyncHost;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The engine of a node that has a parent, and the one thread on which it pulls. */
final class SyncService implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(SyncService.class);

  private final SyncEngine engine;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(work -> new Thread(work, "sync"));

  private SyncService(SyncEngine engine) {
    this.engine = engine;
  }

  /**
   * Opens the engine and, when the configuration enables it, pulls now and then at the configured
   * interval.
   *
   * @param nativeDirectory where the native library is unpacked to
   */
  static SyncService open(NodeConfig config, SyncHost host, Path nativeDirectory) {
    SyncService service = new SyncService(SyncEngine.open(config.sync(), host, nativeDirectory));
    config
        .pullInterval()
        .ifPresent(
            interval ->
                service.thread.scheduleWithFixedDelay(
                    service::pull, 0, interval.toMillis(), TimeUnit.MILLISECONDS));
    return service;
  }

  private void pull() {
    try {
      engine.pull();
    } catch (SyncException e) {
      LOG.warn("The scheduled pull did not run: {}", e.getMessage());
    } catch (RuntimeException e) {
      // Thrown on, it would end the schedule.
      LOG.error("The scheduled pull failed.", e);
    }
  }

  SyncEngine engine() {
    return engine;
  }

  /** The HTTP API; what it starts runs on the thread that the schedule uses. */
  SyncApi api() {
    return new SyncApi(engine, thread);
  }

  /** Cancels a run that is under way, waits for its last batch, and closes the engine. */
  @Override
  public void close() {
    engine.cancel();
    thread.shutdown();
    // Cancels again what may have begun in between, and waits for it.
    engine.close();
  }
}
