package org.openmrs.sync2.node;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.openmrs.sync2.ConfigurationDocument;
import org.openmrs.sync2.SyncApi;
import org.openmrs.sync2.SyncEngine;
import org.openmrs.sync2.SyncEnvironment;
import org.openmrs.sync2.SyncException;
import org.openmrs.sync2.SyncHost;
import org.openmrs.sync2.SyncNode;
import org.openmrs.sync2.SyncRuns;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The engine of a node, and a thread for each direction. */
final class SyncService implements SyncNode, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(SyncService.class);

  private final ConfigurationDocument configuration;
  private final Path nativeDirectory;
  private final SyncEngine engine;
  private final SyncRuns pulls;
  private final SyncRuns pushes;
  private final ScheduledExecutorService pullThread = thread("sync-pull");
  private final ScheduledExecutorService pushThread = thread("sync-push");

  private SyncService(NodeConfig config, SyncEngine engine, Path nativeDirectory) {
    this.configuration = ConfigurationDocument.parse(config.sync());
    this.nativeDirectory = nativeDirectory;
    this.engine = engine;
    this.pulls = SyncRuns.pulls(engine, pullThread);
    this.pushes = SyncRuns.pushes(engine, pushThread);
  }

  private static ScheduledExecutorService thread(String name) {
    return Executors.newSingleThreadScheduledExecutor(work -> new Thread(work, name));
  }

  /**
   * Opens the engine and, where the configuration enables it, pulls and pushes now and then at the
   * configured intervals.
   *
   * @param nativeDirectory where the native library is unpacked to
   */
  static SyncService open(NodeConfig config, SyncHost host, Path nativeDirectory) {
    SyncEnvironment environment =
        new SyncEnvironment()
            .nativeDirectory(nativeDirectory)
            .dataDirectory(config.server().dataDirectory());
    SyncEngine engine = SyncEngine.open(config.sync(), host, environment);
    SyncService service = new SyncService(config, engine, nativeDirectory);
    schedule(service.pullThread, service.pulls::startIfDue, service.pulls.tick());
    schedule(service.pushThread, service.pushes::startIfDue, service.pushes.tick());
    return service;
  }

  private static void schedule(
      ScheduledExecutorService thread, Runnable startIfDue, Duration tick) {
    thread.scheduleWithFixedDelay(
        () -> tick(startIfDue), 0, tick.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static void tick(Runnable startIfDue) {
    try {
      startIfDue.run();
    } catch (SyncException e) {
      LOG.debug("The scheduled run is left out: {}", e.getMessage());
    } catch (RuntimeException e) {
      // Thrown on, it would end the schedule.
      LOG.error("The scheduled run could not be started.", e);
    }
  }

  /** The HTTP API; what it starts runs on the threads that the schedules use. */
  SyncApi api() {
    return new SyncApi(this);
  }

  @Override
  public SyncEngine engine() {
    return engine;
  }

  @Override
  public List<String> problems() {
    return List.of();
  }

  @Override
  public void perform(String direction, String runId) {
    (direction.equals("pull") ? pulls : pushes).perform(runId);
  }

  @Override
  public String configuration() {
    return configuration.shown().json();
  }

  /** Refused: the node's configuration is in its file. */
  @Override
  public void saveConfiguration(String document) {
    throw new UnsupportedOperationException(
        "this node has its configuration in the file that it was started with:"
            + " change that and start it again");
  }

  @Override
  public List<String> checkConfiguration(String document) {
    ConfigurationDocument filled = ConfigurationDocument.parse(document).filled(configuration);
    return SyncEngine.checkConfig(filled.withoutEnvironment().json(), nativeDirectory);
  }

  /** Cancels the runs that are under way, waits for their last batches, and closes the engine. */
  @Override
  public void close() {
    pullThread.shutdown();
    pushThread.shutdown();
    engine.close();
  }
}
