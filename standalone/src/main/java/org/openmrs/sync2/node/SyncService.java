package org.openmrs.sync2.node;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.openmrs.sync2.ConfigurationDocument;
import org.openmrs.sync2.SyncApi;
import org.openmrs.sync2.SyncEngine;
import org.openmrs.sync2.SyncException;
import org.openmrs.sync2.SyncHost;
import org.openmrs.sync2.SyncNode;
import org.openmrs.sync2.SyncPulls;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The engine of a node, and the one thread on which it pulls. */
final class SyncService implements SyncNode, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(SyncService.class);

  private final ConfigurationDocument configuration;
  private final Path nativeDirectory;
  private final SyncPulls pulls;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(work -> new Thread(work, "sync"));

  private SyncService(NodeConfig config, SyncEngine engine, Path nativeDirectory) {
    this.configuration = ConfigurationDocument.parse(config.sync());
    this.nativeDirectory = nativeDirectory;
    this.pulls = new SyncPulls(engine, thread);
  }

  /**
   * Opens the engine and, when the configuration enables it, pulls now and then at the configured
   * interval.
   *
   * @param nativeDirectory where the native library is unpacked to
   */
  static SyncService open(NodeConfig config, SyncHost host, Path nativeDirectory) {
    SyncEngine engine = SyncEngine.open(config.sync(), host, nativeDirectory);
    SyncService service = new SyncService(config, engine, nativeDirectory);
    long tick = service.pulls.tick().toMillis();
    service.thread.scheduleWithFixedDelay(service::tick, 0, tick, TimeUnit.MILLISECONDS);
    return service;
  }

  private void tick() {
    try {
      pulls.startIfDue();
    } catch (SyncException e) {
      LOG.debug("The scheduled pull is left out: {}", e.getMessage());
    } catch (RuntimeException e) {
      // Thrown on, it would end the schedule.
      LOG.error("The scheduled pull could not be started.", e);
    }
  }

  /** The HTTP API; what it starts runs on the thread that the schedule uses. */
  SyncApi api() {
    return new SyncApi(this);
  }

  @Override
  public SyncEngine engine() {
    return pulls.engine();
  }

  @Override
  public List<String> problems() {
    return List.of();
  }

  @Override
  public String startPull() {
    return pulls.start().runId();
  }

  @Override
  public String startPull(String category, String uuid) {
    return pulls.start(category, uuid).runId();
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
    String filled = ConfigurationDocument.parse(document).filled(configuration).json();
    return SyncEngine.checkConfig(filled, nativeDirectory);
  }

  /** Cancels a run that is under way, waits for its last batch, and closes the engine. */
  @Override
  public void close() {
    thread.shutdown();
    pulls.close();
  }
}
