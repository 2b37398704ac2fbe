package org.openmrs.sync2.acceptance;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
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

  /** Writes so many patients with their encounters where the way begins. */
  public static Cohort write(Way way, int patients) throws Exception {
    Cohort cohort = new Cohort();
    inParallel(patients, () -> cohort.writeOne(way.editor()));
    return cohort;
  }

  /** Writes so many patients where the way begins, without encounters. */
  public static Cohort writePatients(Way way, int patients) throws Exception {
    Cohort cohort = new Cohort();
    inParallel(patients, () -> cohort.add(Kind.PATIENT, way.editor().patient()));
    return cohort;
  }

  /** Writes so many patients where the way begins, each with encounters of so many observations. */
  static Cohort writeEncounters(Way way, int patients, int encounters, int observations)
      throws Exception {
    Cohort cohort = new Cohort();
    inParallel(
        patients,
        () -> {
          String patient = cohort.add(Kind.PATIENT, way.editor().patient());
          for (int number = 0; number < encounters; number++) {
            cohort.writeEncounter(way.editor(), patient, observations);
          }
          return patient;
        });
    return cohort;
  }

  /** Gives these patients another date of birth where the way begins. */
  static Cohort editPatients(Way way, List<String> patients, String birthdate) throws Exception {
    Cohort cohort = new Cohort();
    Queue<String> waiting = new ConcurrentLinkedQueue<>(patients);
    inParallel(
        patients.size(),
        () -> {
          String patient = cohort.add(Kind.PATIENT, waiting.remove());
          return way.origin().change("person", patient, Map.of("birthdate", birthdate));
        });
    return cohort;
  }

  private void writeEncounter(Editor editor, String patient, int observations) throws Exception {
    Documents documents = editor.documents();
    List<Map<String, Object>> values = new ArrayList<>();
    for (int number = 0; number < observations; number++) {
      values.add(documents.value(editor.metadata().numeric(), 60 + number));
    }
    Map<String, Object> encounter = documents.encounter(patient);
    encounter.put("obs", values);
    editor.server().create("encounter", encounter);
    add(Kind.ENCOUNTER, uuid(encounter));
    values.forEach(value -> add(Kind.OBSERVATION, uuid(value)));
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

  private String writeOne(Editor editor) throws Exception {
    Documents documents = editor.documents();
    Metadata metadata = editor.metadata();
    String patient = editor.patient();
    Map<String, Object> weight = documents.value(metadata.numeric(), 61.5);
    Map<String, Object> note = documents.value(metadata.text(), "as usual");
    Map<String, Object> pressure = documents.value(metadata.numeric(), 120);
    Map<String, Object> position = documents.value(metadata.text(), "sitting");
    Map<String, Object> group = documents.group(List.of(pressure, position));
    Map<String, Object> encounter = documents.encounter(patient);
    encounter.put("obs", List.of(weight, note, group));
    editor.server().create("encounter", encounter);
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

  /** All of them must be where the way ends as where it begins. */
  public void mustBeSame(Way way) throws Exception {
    for (Kind kind : uuids.keySet()) {
      way.checks().same(kind, uuids(kind));
    }
  }
}
