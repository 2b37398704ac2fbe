package org.openmrs.module.sync2.engine;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.hibernate.SessionFactory;
import org.openmrs.api.context.Context;
import org.openmrs.module.DaemonToken;
import org.openmrs.module.sync2.Sync2Build;
import org.openmrs.module.sync2.capture.ChangeSearch;
import org.openmrs.module.sync2.capture.Listening;
import org.openmrs.module.sync2.capture.ServerOutbox;
import org.openmrs.module.sync2.config.ConfigurationStore;
import org.openmrs.module.sync2.config.OpenmrsSeal;
import org.openmrs.module.sync2.host.OpenmrsHost;
import org.openmrs.module.sync2.task.RunSchedule;
import org.openmrs.scheduler.SchedulerException;
import org.openmrs.sync2.CertificateFiles;
import org.openmrs.sync2.ConfigurationDocument;
import org.openmrs.sync2.LoggedFailure;
import org.openmrs.sync2.SyncClient;
import org.openmrs.sync2.SyncClosedException;
import org.openmrs.sync2.SyncEngine;
import org.openmrs.sync2.SyncEnvironment;
import org.openmrs.sync2.SyncException;
import org.openmrs.sync2.SyncFilter;
import org.openmrs.sync2.SyncNode;
import org.openmrs.sync2.SyncRuns;
import org.openmrs.sync2.SyncStatus;
import org.openmrs.util.OpenmrsUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engine of this server: opened when the module starts and after each refresh of OpenMRS's
 * context, closed before, and opened anew when its configuration changes. What keeps it from
 * working is said on the status and logged once; OpenMRS starts all the same.
 *
 * <p>Methods may be called from any thread. Nothing of OpenMRS is held from one refresh to the
 * next.
 */
public final class SyncRuntime implements SyncNode {

  private static final Logger LOG = LoggerFactory.getLogger(SyncRuntime.class);

  private static final SyncRuntime INSTANCE = new SyncRuntime();

  private static final String STOPPED = "Sync 2 is stopped: start the module sync2";
  private static final String STARTING_ANEW =
      "Sync 2 starts with a new configuration: ask again in a moment";
  private static final String NOT_CONFIGURED =
      "Nobody has said yet what Sync 2 is to do here. Its page, /moduleResources/sync2/index.html,"
          + " leads through that; or POST /ws/rest/v1/sync2/config: parent.url, parent.username and"
          + " parent.password of a child, {\"pull\": {\"enabled\": false}} of a server that only"
          + " serves";

  /** A server that is killed may have missed as much, as far as it knows. */
  private static final Duration LISTENING_TICK = Duration.ofMinutes(1);

  /** Held while the engine is being opened or closed; never by those who use it. */
  private final Object lifecycle = new Object();

  private final DaemonThreads daemonThreads = new DaemonThreads();

  /** Null while no engine is open. */
  private volatile Working working;

  /** The one of the last engine; the next one goes on with it until the stop. */
  private volatile Listening listening;

  private volatile String problem = STOPPED;
  private String logged;

  /** True if the module is started: then a new configuration opens the engine. */
  private boolean started;

  /** The parts that there are while an engine is open. */
  private static final class Working {
    private final SyncEngine engine;
    private final SyncRuns pulls;
    private final SyncRuns pushes;
    private final Listening listening;

    /** Starts the tasks anew when the clock was set, by which the scheduler goes. */
    private final ClockWatch clock = new ClockWatch(() -> get().scheduleAnew(this));

    /**
     * @param before what listened with the engine before; null when nothing did
     */
    Working(SyncEngine engine, Executor threads, Listening before) {
      this.engine = engine;
      this.pulls = SyncRuns.pulls(engine, threads);
      this.pushes = SyncRuns.pushes(engine, threads);
      this.listening =
          before == null
              ? new Listening(engine, ServerOutbox.get(), changeSearch())
              : before.continuedWith(engine);
    }
  }

  private SyncRuntime() {}

  /** The only one. */
  public static SyncRuntime get() {
    return INSTANCE;
  }

  /**
   * Takes the token that OpenMRS gives to the activator; the runtime does nothing without it. Does
   * not block.
   */
  public void setDaemonToken(DaemonToken token) {
    daemonThreads.setToken(token);
  }

  /**
   * Opens the engine and schedules its runs. Does nothing when it is open. Blocks on the database.
   * A failure is kept as a problem; nothing is thrown.
   */
  public void start() {
    synchronized (lifecycle) {
      started = true;
      if (working == null) {
        openOnDaemonThread();
      }
    }
  }

  /**
   * Ends the schedules, cancels the runs that are under way, waits until they have stopped, and
   * closes the engine. Does nothing when it is closed. Nothing is thrown.
   */
  public void stop() {
    synchronized (lifecycle) {
      started = false;
      problem = STOPPED;
      close();
      // The next context has listeners of its own, which do not hear what happens until then.
      listening = null;
    }
  }

  private void openOnDaemonThread() {
    try {
      onDaemonThread(this::open);
    } catch (RuntimeException | LinkageError e) {
      reportFailure(e);
    }
  }

  private void open() {
    try {
      Optional<ConfigurationDocument> document = configurationStore().forEngine();
      // The tables are there now, if they were not before.
      ServerOutbox.get().lookAgain();
      if (!document.isPresent()) {
        report(NOT_CONFIGURED);
        return;
      }
      Working opened = new Working(open(document.get()), daemonThreads, listening);
      listening = opened.listening;
      working = opened;
      problem = null;
      daemonThreads.execute(opened.listening::keep);
      schedule(opened);
      opened.clock.start();
    } catch (SyncException e) {
      String sentence = "Sync 2 does not work: ";
      report(sentence + e.getMessage().replace("\n", "; "), sentence + LoggedFailure.words(e));
    }
  }

  private static ChangeSearch changeSearch() {
    SessionFactory sessions = Context.getRegisteredComponents(SessionFactory.class).get(0);
    return new ChangeSearch(sessions, ServerOutbox.get());
  }

  private static SyncEngine open(ConfigurationDocument document) {
    SyncEnvironment environment =
        SyncEnvironment.ofJvm(document.parentUrl())
            .nativeDirectory(dataDirectory())
            .dataDirectory(dataDirectory())
            .clients(Context.getRegisteredComponents(SyncClient.class))
            .filters(Context.getRegisteredComponents(SyncFilter.class));
    return SyncEngine.open(document.json(), new OpenmrsHost(), environment);
  }

  private void schedule(Working opened) {
    try {
      SyncStatus status = opened.engine.status();
      RunSchedule.PULLS.start(status.pullEnabled(), opened.pulls.tick());
      RunSchedule.PUSHES.start(status.pushEnabled(), opened.pushes.tick());
      RunSchedule.LISTENING.start(true, LISTENING_TICK);
    } catch (SchedulerException | RuntimeException e) {
      LOG.warn("the scheduler refused a task of Sync 2", LoggedFailure.of(e));
      report("Runs are not scheduled, only started by hand: the scheduler refused a task");
    }
  }

  private void scheduleAnew(Working opened) {
    synchronized (lifecycle) {
      if (working == opened) {
        onDaemonThread(() -> schedule(opened));
      }
    }
  }

  private void close() {
    Working open = working;
    working = null;
    if (open == null) {
      return;
    }
    open.clock.stop();
    try {
      daemonThreads.call(
          () -> {
            RunSchedule.PULLS.stop();
            RunSchedule.PUSHES.stop();
            RunSchedule.LISTENING.stop();
            open.listening.stop();
            return null;
          });
    } catch (RuntimeException e) {
      // A task that goes on finds no engine, and does nothing.
      LOG.warn("the scheduled tasks of Sync 2 could not be stopped: {}", LoggedFailure.words(e));
    }
    try {
      open.engine.close();
    } catch (SyncException e) {
      LOG.error("the engine of Sync 2 did not close", LoggedFailure.of(e));
    }
  }

  private void reportFailure(Throwable failure) {
    LOG.error("Sync 2 could not be started", LoggedFailure.of(failure));
    String sentence = "Sync 2 could not be started, for a reason that the server's log tells: ";
    report(sentence + failure, sentence + LoggedFailure.words(failure));
  }

  private void report(String sentence) {
    report(sentence, sentence);
  }

  /**
   * @param forLog what the log has of it
   */
  private void report(String sentence, String forLog) {
    problem = sentence;
    if (!Objects.equals(sentence, logged)) {
      LOG.warn(forLog);
      logged = sentence;
    }
  }

  private void onDaemonThread(Runnable work) {
    daemonThreads.call(
        () -> {
          work.run();
          return null;
        });
  }

  /**
   * Does work with the rights of a daemon thread, and waits for it; what it throws is thrown here.
   *
   * @throws SyncClosedException when OpenMRS gives this module no threads any more
   */
  public byte[] callOnDaemonThread(Supplier<byte[]> work) {
    try {
      return daemonThreads.call(work::get);
    } catch (RejectedExecutionException e) {
      throw new SyncClosedException(STOPPED);
    }
  }

  /**
   * This module's in the application data directory. Also for the native library: temporary
   * directories often forbid to run code.
   */
  private static Path dataDirectory() {
    return OpenmrsUtil.getDirectoryInApplicationDataDirectory("sync2").toPath();
  }

  private static ConfigurationStore configurationStore() {
    CertificateFiles certificates = new CertificateFiles(dataDirectory().getParent());
    return new ConfigurationStore(
        new OpenmrsHost(), dataDirectory(), new OpenmrsSeal(), certificates);
  }

  private Working working() {
    Working open = working;
    if (open == null) {
      throw new SyncClosedException(problem);
    }
    return open;
  }

  /**
   * The pulls of the open engine.
   *
   * @throws SyncClosedException when none is open, saying why and what to do
   */
  public SyncRuns pulls() {
    return working().pulls;
  }

  /**
   * The pushes of the open engine.
   *
   * @throws SyncClosedException when none is open, saying why and what to do
   */
  public SyncRuns pushes() {
    return working().pushes;
  }

  /**
   * Starts a pull if the schedule wants one now, and returns at once. Does nothing when no engine
   * is open: the status says why.
   */
  public void startPullIfDue() {
    Optional.ofNullable(working).ifPresent(open -> open.pulls.startIfDue());
  }

  /** As {@link #startPullIfDue()}, a push. */
  public void startPushIfDue() {
    Optional.ofNullable(working).ifPresent(open -> open.pushes.startIfDue());
  }

  /** Has it kept that this server listens to its own changes, and what it missed searched. */
  public void keepListening() {
    Optional.ofNullable(working).ifPresent(open -> daemonThreads.execute(open.listening::keep));
  }

  @Override
  public SyncEngine engine() {
    return working().engine;
  }

  @Override
  public String commit() {
    return Sync2Build.commit();
  }

  @Override
  public List<String> problems() {
    List<String> problems = new ArrayList<>();
    Optional.ofNullable(problem).ifPresent(problems::add);
    ServerOutbox.get().problem().ifPresent(problems::add);
    FhirServlet.problem().ifPresent(problems::add);
    return problems;
  }

  @Override
  public void perform(String direction, String runId) {
    (direction.equals("pull") ? pulls() : pushes()).perform(runId);
  }

  @Override
  public String configuration() {
    return daemonThreads.call(() -> configurationStore().shown().json());
  }

  @Override
  public void saveConfiguration(String document) {
    synchronized (lifecycle) {
      onDaemonThread(() -> configurationStore().save(document));
      if (started) {
        problem = STARTING_ANEW;
        close();
        openOnDaemonThread();
      }
    }
  }

  @Override
  public List<String> checkConfiguration(String document) {
    return daemonThreads.call(() -> configurationStore().check(document));
  }
}
