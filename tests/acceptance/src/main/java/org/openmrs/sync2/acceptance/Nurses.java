package org.openmrs.sync2.acceptance;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.openmrs.sync2.acceptance.server.OpenMrsServer;

/**
 * Nurses who go on saving at one server, each at her own pace, until it is closed. Their patients
 * are nobody else's.
 */
final class Nurses implements AutoCloseable {

  private static final int PATIENTS_OF_EACH = 5;
  private static final Duration BETWEEN_SAVES = Duration.ofMillis(200);
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);

  private final TwoServers servers;
  private final OpenMrsServer server;
  private final ExecutorService threads;
  private final List<Future<?>> nurses = new ArrayList<>();
  private List<Duration> saves = new ArrayList<>();

  /** So many of them begin at a server, at least one. */
  Nurses(TwoServers servers, OpenMrsServer server, int howMany) throws Exception {
    this.servers = servers;
    this.server = server;
    this.threads = Executors.newFixedThreadPool(howMany);
    for (int nurse = 0; nurse < howMany; nurse++) {
      List<String> patients = new ArrayList<>();
      for (int number = 0; number < PATIENTS_OF_EACH; number++) {
        patients.add(new Editor(servers, server).patient());
      }
      nurses.add(threads.submit(() -> work(patients)));
    }
  }

  private Void work(List<String> patients) throws Exception {
    Nurse nurse = new Nurse(servers, server);
    for (int save = 0; ; save++) {
      long start = System.nanoTime();
      nurse.save(patients.get(save / 2 % patients.size()), save);
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      add(took);
      // The pace of the nurse, not a wait for something.
      Thread.sleep(Math.max(0, BETWEEN_SAVES.minus(took).toMillis()));
    }
  }

  private synchronized void add(Duration save) {
    saves.add(save);
  }

  private synchronized int count() {
    return saves.size();
  }

  /** The saves since the last call, once there are so many. */
  SaveTimes take(int atLeast) throws Exception {
    Await.until(
        atLeast + " saves of nurses",
        LONGEST_WAIT,
        () -> {
          mustGoOn();
          return count() >= atLeast;
        });
    synchronized (this) {
      SaveTimes taken = new SaveTimes(saves);
      saves = new ArrayList<>();
      return taken;
    }
  }

  /** A nurse stops only when a save of hers has failed. */
  private void mustGoOn() throws Exception {
    for (Future<?> nurse : nurses) {
      if (nurse.isDone()) {
        nurse.get();
      }
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
