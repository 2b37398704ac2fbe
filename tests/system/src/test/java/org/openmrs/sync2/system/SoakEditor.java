package org.openmrs.sync2.system;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.UUID;

/**
 * Somebody who works at one node: each second a patient gets another name, and a new patient comes;
 * of these the oldest is removed, so that there are never more than some. Each editor has patients
 * of its own: what both change would be for a person to decide.
 */
final class SoakEditor implements Runnable {

  private static final int NEWCOMERS_AT_MOST = 50;
  private static final int EDITORS = 2;
  private static final long PAUSE_MILLIS = 1000;

  private final NodeProcess node;
  private final List<ObjectNode> patients = new ArrayList<>();
  private final Deque<ObjectNode> newcomers = new ArrayDeque<>();
  private final Thread thread = new Thread(this, "editor");
  private volatile boolean ended;
  private long edits;

  private SoakEditor(NodeProcess node) {
    this.node = node;
  }

  /**
   * Begins to edit.
   *
   * @param share every other patient, from this one on, is this editor's
   */
  static SoakEditor start(NodeProcess node, int share) throws Exception {
    SoakEditor editor = new SoakEditor(node);
    int number = 0;
    for (ObjectNode patient : node.http().objects("patient").values()) {
      if (number++ % EDITORS == share) {
        editor.patients.add(patient);
      }
    }
    // A soak that fails ends, whoever still edits.
    editor.thread.setDaemon(true);
    editor.thread.start();
    return editor;
  }

  /** Ends; how many edits were taken. */
  long stop() throws InterruptedException {
    ended = true;
    thread.join();
    return edits;
  }

  @Override
  public void run() {
    NodeHttp http = node.http();
    for (int turn = 0; !ended; turn++) {
      try {
        edit(http, turn);
        Thread.sleep(PAUSE_MILLIS);
      } catch (IOException e) {
        // The node is being restarted. The log-in is a new one then.
        http = node.http();
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void edit(NodeHttp http, int turn) throws IOException, InterruptedException {
    ObjectNode patient = patients.get(turn % patients.size());
    patient.withArray("name").removeAll().addObject().put("family", "Turn " + turn);
    http.put(patient);
    edits++;
    ObjectNode newcomer = newPatient();
    newcomers.add(newcomer);
    http.put(newcomer);
    edits++;
    if (newcomers.size() > NEWCOMERS_AT_MOST) {
      http.remove(newcomers.getFirst());
      newcomers.removeFirst();
      edits++;
    }
  }

  private static ObjectNode newPatient() {
    return NodeHttp.MAPPER
        .createObjectNode()
        .put("resourceType", "Patient")
        .put("id", UUID.randomUUID().toString())
        .put("gender", "female");
  }
}
