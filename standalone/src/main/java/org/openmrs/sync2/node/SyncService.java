package org.openmrs.sync2.node;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.openmrs.sync2.CertificateFiles;
import org.openmrs.sync2.ConfigurationDocument;
import org.openmrs.sync2.SyncApi;
import org.openmrs.sync2.SyncClosedException;
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

  private final SyncSettings settings;
  private final SyncHost host;
  private final Path dataDirectory;
  private final Path nativeDirectory;
  private final ScheduledExecutorService pullThread = thread("sync-pull");
  private final ScheduledExecutorService pushThread = thread("sync-push");

  /** Held while the engine is being opened or closed; never by those who use it. */
  private final Object lifecycle = new Object();

  /** Null while no engine is open. */
  private volatile Working working;

  private volatile String problem = "The node is stopping.";

  private boolean isClosed;

  /** The parts that there are while an engine is open. */
  private record Working(
      SyncEngine engine, SyncRuns pulls, SyncRuns pushes, List<Future<?>> schedules) {}

  private SyncService(NodeConfig config, SyncHost host, Path nativeDirectory) {
    this.settings = new SyncSettings(config);
    this.host = host;
    this.dataDirectory = config.server().dataDirectory();
    this.nativeDirectory = nativeDirectory;
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
    SyncService service = new SyncService(config, host, nativeDirectory);
    try {
      service.working = service.work();
      return service;
    } catch (RuntimeException | Error e) {
      service.close();
      throw e;
    }
  }

  private Working work() {
    SyncEnvironment environment =
        new SyncEnvironment().nativeDirectory(nativeDirectory).dataDirectory(dataDirectory);
    SyncEngine engine = SyncEngine.open(settings.document().json(), host, environment);
    SyncRuns pulls = SyncRuns.pulls(engine, pullThread);
    SyncRuns pushes = SyncRuns.pushes(engine, pushThread);
    List<Future<?>> schedules =
        List.of(
            schedule(pullThread, pulls::startIfDue, pulls.tick()),
            schedule(pushThread, pushes::startIfDue, pushes.tick()));
    return new Working(engine, pulls, pushes, schedules);
  }

  private static Future<?> schedule(
      ScheduledExecutorService thread, Runnable startIfDue, Duration tick) {
    return thread.scheduleWithFixedDelay(
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

  private Working working() {
    Working open = working;
    if (open == null) {
      throw new SyncClosedException(problem);
    }
    return open;
  }

  @Override
  public SyncEngine engine() {
    return working().engine();
  }

  @Override
  public List<String> problems() {
    return working == null ? List.of(problem) : List.of();
  }

  @Override
  public void perform(String direction, String runId) {
    Working open = working();
    (direction.equals("pull") ? open.pulls() : open.pushes()).perform(runId);
  }

  @Override
  public String configuration() {
    return settings.document().shown().json();
  }

  /** Refused where the node file has the configuration. */
  @Override
  public void saveConfiguration(String document) {
    settings.requireChangeable();
    synchronized (lifecycle) {
      ConfigurationDocument filled = filled(document);
      SyncEngine.checkConfig(filled.json(), nativeDirectory);
      settings.keep(filled);
      if (!isClosed) {
        end("The node begins anew with another configuration.");
        begin();
      }
    }
  }

  private void begin() {
    try {
      working = work();
    } catch (SyncException e) {
      LOG.error("The engine did not open with the new configuration.", e);
      problem = "Nothing is synchronized: " + e.getMessage().replace("\n", "; ");
    }
  }

  /** Cancels the runs that are under way, waits for their last batches, and closes the engine. */
  private void end(String why) {
    Working open = working;
    problem = why;
    working = null;
    if (open != null) {
      open.schedules().forEach(schedule -> schedule.cancel(false));
      open.engine().close();
    }
  }

  @Override
  public List<String> checkConfiguration(String document) {
    return SyncEngine.checkConfig(filled(document).withoutEnvironment().json(), nativeDirectory);
  }

  private ConfigurationDocument filled(String document) {
    CertificateFiles certificates = new CertificateFiles(dataDirectory);
    return ConfigurationDocument.parse(document).filled(settings.document(), certificates);
  }

  /** Cancels the runs that are under way, waits for their last batches, and closes the engine. */
  @Override
  public void close() {
    synchronized (lifecycle) {
      isClosed = true;
      pullThread.shutdown();
      pushThread.shutdown();
      end("The node is stopping.");
    }
  }
}
