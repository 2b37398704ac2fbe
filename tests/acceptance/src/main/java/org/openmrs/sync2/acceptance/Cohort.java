package org.openmrs.sync2.acceptance;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Many patients, each with an encounter of two observations and a group of two more. */
public final class Cohort {

  private static final int WRITERS = 4;

  private final Map<Kind, List<String>> uuids = new LinkedHashMap<>();

  private Cohort() {
    for (Kind kind : List.of(Kind.PATIENT, Kind.ENCOUNTER, Kind.OBSERVATION)) {
      uuids.put(kind, new ArrayList<>());
    }
  }

  /** Writes so many patients with their encounters at the parent. */
  public static Cohort write(TwoServers servers, int patients) throws Exception {
    Cohort cohort = new Cohort();
    inParallel(patients, () -> cohort.writeOne(servers));
    return cohort;
  }

  /** Writes so many patients at the parent, without encounters. */
  public static Cohort writePatients(TwoServers servers, int patients) throws Exception {
    Cohort cohort = new Cohort();
    inParallel(patients, () -> cohort.add(Kind.PATIENT, new Editor(servers).patient()));
    return cohort;
  }

  private static void inParallel(int times, Callable<?> task) throws Exception {
    ExecutorService writers = Executors.newFixedThreadPool(WRITERS);
    try {
      List<Future<?>> written = new ArrayList<>();
      for (int i = 0; i < times; i++) {
        written.add(writers.submit(task));
      }
      for (Future<?> each : written) {
        each.get();
      }
    } finally {
      writers.shutdownNow();
    }
  }

  private String writeOne(TwoServers servers) throws Exception {
    Documents documents = servers.documents();
    Metadata metadata = servers.metadata();
    String patient = new Editor(servers).patient();
    Map<String, Object> weight = documents.value(metadata.numeric(), 61.5);
    Map<String, Object> note = documents.value(metadata.text(), "as usual");
    Map<String, Object> pressure = documents.value(metadata.numeric(), 120);
    Map<String, Object> position = documents.value(metadata.text(), "sitting");
    Map<String, Object> group = documents.group(List.of(pressure, position));
    Map<String, Object> encounter = documents.encounter(patient);
    encounter.put("obs", List.of(weight, note, group));
    servers.parent().create("encounter", encounter);
    add(Kind.PATIENT, patient);
    add(Kind.ENCOUNTER, uuid(encounter));
    List.of(weight, note, group, pressure, position)
        .forEach(observation -> add(Kind.OBSERVATION, uuid(observation)));
    return patient;
  }

  private static String uuid(Map<String, Object> document) {
    return document.get("uuid").toString();
  }

  private synchronized String add(Kind kind, String uuid) {
    uuids.get(kind).add(uuid);
    return uuid;
  }

  /** The uuids of those of a kind. */
  public synchronized List<String> uuids(Kind kind) {
    return List.copyOf(uuids.get(kind));
  }

  /** How many objects there are in all. */
  public synchronized int size() {
    return uuids.values().stream().mapToInt(List::size).sum();
  }

  /** All of them must be on the child as on the parent. */
  public void mustBeSame(TwoServers servers) throws Exception {
    for (Kind kind : uuids.keySet()) {
      Checks.of(servers).same(kind, uuids(kind));
    }
  }
}
