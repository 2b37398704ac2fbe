package org.openmrs.sync2.acceptance.cases;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.openmrs.sync2.acceptance.AcceptanceCase;
import org.openmrs.sync2.acceptance.CaseFailure;
import org.openmrs.sync2.acceptance.Nurse;
import org.openmrs.sync2.acceptance.SaveTimes;
import org.openmrs.sync2.acceptance.TwoServers;

/** Nurses go on saving while the module writes the same patients. */
public final class NurseCases {

  private static final int PATIENTS = 200;
  private static final int NURSES = 8;
  private static final int SAVES_OF_EACH = 250;
  private static final Duration BETWEEN_SAVES = Duration.ofSeconds(1);

  private NurseCases() {}

  /** All of them. */
  public static List<AcceptanceCase> all() {
    return List.of(new AcceptanceCase("clinic-nurses-save-meanwhile", NurseCases::saveMeanwhile));
  }

  /** No save of theirs fails; how long the slowest hundredth took is noted. */
  private static void saveMeanwhile(TwoServers servers) throws Exception {
    List<String> patients = new ArrayList<>();
    for (int number = 0; number < PATIENTS; number++) {
      patients.add(servers.parent().create("patient", servers.documents().patient()));
    }
    servers.synchronize();
    List<Duration> saves = Collections.synchronizedList(new ArrayList<>());
    List<String> failures = Collections.synchronizedList(new ArrayList<>());
    ExecutorService ward = Executors.newFixedThreadPool(NURSES);
    try {
      List<Future<?>> nurses = new ArrayList<>();
      for (int nurse = 0; nurse < NURSES; nurse++) {
        int first = nurse;
        nurses.add(ward.submit(() -> work(servers, new Ward(patients, first, saves, failures))));
      }
      pullUntilDone(servers, patients, nurses);
    } finally {
      ward.shutdownNow();
    }
    CaseFailure.unless(
        failures.isEmpty(),
        failures.size() + " of " + saves.size() + " saves failed: " + firstOf(failures));
    servers.note(new SaveTimes(saves).toString());
  }

  private static String firstOf(List<String> failures) {
    return failures.isEmpty() ? "" : failures.get(0);
  }

  /** What one nurse works on, and what becomes of it. */
  private record Ward(
      List<String> patients, int first, List<Duration> saves, List<String> failures) {}

  private static void work(TwoServers servers, Ward ward) {
    Nurse nurse = new Nurse(servers, servers.child());
    for (int save = 0; save < SAVES_OF_EACH; save++) {
      String patient = ward.patients().get((ward.first() + save * NURSES) % PATIENTS);
      Instant start = Instant.now();
      try {
        nurse.save(patient, save);
      } catch (Exception e) {
        ward.failures().add(e.toString());
      }
      Duration took = Duration.between(start, Instant.now());
      ward.saves().add(took);
      pause(BETWEEN_SAVES.minus(took));
    }
  }

  /** The pace of the nurses, not a wait for something. */
  private static void pause(Duration left) {
    if (left.isNegative()) {
      return;
    }
    try {
      Thread.sleep(left.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The parent changes every patient, and the child pulls, again and again. */
  private static void pullUntilDone(
      TwoServers servers, List<String> patients, List<Future<?>> nurses) throws Exception {
    for (int round = 0; !nurses.stream().allMatch(Future::isDone); round++) {
      String date = "19" + (50 + round % 40) + "-03-04";
      CompletableFuture<Void> changes =
          CompletableFuture.runAsync(() -> changeAll(servers, patients, date));
      while (!changes.isDone()) {
        servers.module().pull();
      }
      changes.join();
      servers.synchronize();
    }
  }

  private static void changeAll(TwoServers servers, List<String> patients, String date) {
    for (String patient : patients) {
      try {
        servers.parent().change("person", patient, Map.of("birthdate", date));
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
