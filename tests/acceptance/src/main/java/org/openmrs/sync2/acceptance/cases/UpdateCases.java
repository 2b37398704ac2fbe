package org.openmrs.sync2.acceptance.cases;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.openmrs.sync2.acceptance.AcceptanceCase;
import org.openmrs.sync2.acceptance.Await;
import org.openmrs.sync2.acceptance.CaseFailure;
import org.openmrs.sync2.acceptance.Editor;
import org.openmrs.sync2.acceptance.Histogram;
import org.openmrs.sync2.acceptance.TwoServers;
import org.openmrs.sync2.acceptance.Way;
import org.openmrs.sync2.acceptance.server.Answer;
import org.openmrs.sync2.acceptance.server.OpenMrsServer;

/** The module uploaded, updated and stopped while the server works, and what that leaves behind. */
public final class UpdateCases {

  private static final Duration STARTED_WITHIN = Duration.ofMinutes(5);
  private static final int WRITERS = 3;
  private static final int WRITTEN_BETWEEN_STEPS = 20;

  /** Sessions that are open while the histogram is made, many times over. */
  private static final int OPEN_SESSIONS = 100;

  private UpdateCases() {}

  /** All of them; those that look at what is left come last. */
  public static List<AcceptanceCase> all() {
    return List.of(
        new AcceptanceCase("module-uploaded", UpdateCases::uploaded),
        new AcceptanceCase(
            "module-updated-under-load", servers -> updatedUnderLoad(servers.pulling())),
        new AcceptanceCase(
            "module-updated-under-load-here", servers -> updatedUnderLoad(servers.pushing())),
        new AcceptanceCase("heap-at-the-end", UpdateCases::heap));
  }

  /** Uploaded where there is none, and uploaded over the one that runs: answered, and it works. */
  private static void uploaded(TwoServers servers) throws Exception {
    JsonNode markers = servers.module().markers();
    action(servers.child(), "unload", "unloaded");
    upload(servers, servers.child());
    upload(servers, servers.child());
    CaseFailure.unless(servers.module().markers().equals(markers), "a marker has moved");
    String patient = new Editor(servers).patient();
    servers.synchronize();
    CaseFailure.unless(
        servers.child().getRest("patient/" + patient).ok(), "the module does not pull any more");
  }

  private static void upload(TwoServers servers, OpenMrsServer server) throws Exception {
    Answer answer = server.uploadModule(servers.omod());
    CaseFailure.unless(
        answer.status() == 201 && answer.json().path("moduleId").asText().equals("sync2"),
        "the upload is answered with " + answer.status());
    awaitModule(server);
  }

  /**
   * OpenMRS may do it and answer with an error: its REST module reads the classes of all modules
   * anew, and fails at those of the one that is stopped. What counts is how the module is then.
   */
  private static void action(OpenMrsServer server, String action, String state) throws Exception {
    server.postRest("moduleaction", Map.of("action", action, "modules", List.of("sync2")));
    Await.until(
        "the " + action + " of the module at " + server.base(),
        STARTED_WITHIN,
        () -> state(server).equals(state));
  }

  private static String state(OpenMrsServer server) throws IOException {
    Answer answer = server.getRest("module/sync2?v=full");
    if (answer.status() == 404) {
      return "unloaded";
    }
    String started = answer.ok() ? answer.json().path("started").asText() : "";
    return started.equals("true") ? "started" : started.equals("false") ? "stopped" : "unknown";
  }

  private static void awaitModule(OpenMrsServer server) throws Exception {
    Await.until(
        "the module at " + server.base(),
        STARTED_WITHIN,
        () -> {
          Answer answer = server.getRest("sync2/status");
          return answer.ok() && answer.json().path("version").isTextual();
        });
  }

  /**
   * Patients are registered while the module is stopped, started and updated: whoever OpenMRS has
   * taken arrives.
   */
  private static void updatedUnderLoad(Way way) throws Exception {
    TwoServers servers = way.servers();
    OpenMrsServer origin = way.origin();
    way.synchronize();
    List<String> written = Collections.synchronizedList(new ArrayList<>());
    AtomicInteger refused = new AtomicInteger();
    ExecutorService clerks = Executors.newFixedThreadPool(WRITERS);
    try {
      for (int clerk = 0; clerk < WRITERS; clerk++) {
        clerks.submit(() -> register(way.editor(), written, refused));
      }
      awaitMore(written);
      action(origin, "stop", "stopped");
      awaitMore(written);
      action(origin, "start", "started");
      awaitMore(written);
      upload(servers, origin);
      awaitMore(written);
    } finally {
      clerks.shutdownNow();
      clerks.awaitTermination(1, TimeUnit.MINUTES);
    }
    awaitModule(origin);
    Await.until("what was written meanwhile", STARTED_WITHIN, () -> arrived(way, written));
    servers.note(
        written.size() + " patients, 0 lost; OpenMRS itself refused " + refused + " meanwhile");
  }

  private static void awaitMore(List<String> written) throws Exception {
    int enough = written.size() + WRITTEN_BETWEEN_STEPS;
    Await.until("patients who are registered", STARTED_WITHIN, () -> written.size() >= enough);
  }

  /** What was missed is searched after the start, in the background: it takes several runs. */
  private static boolean arrived(Way way, List<String> written) throws Exception {
    way.synchronize();
    for (String patient : written) {
      if (!way.destination().getRest("patient/" + patient).ok()) {
        return false;
      }
    }
    return true;
  }

  private static void register(Editor clerk, List<String> written, AtomicInteger refused) {
    while (!Thread.currentThread().isInterrupted()) {
      try {
        written.add(clerk.patient());
      } catch (IOException | RuntimeException e) {
        refused.incrementAndGet();
      }
    }
  }

  /**
   * Of sessions, of what the module notes of them, and of earlier engines nothing is left. OpenMRS
   * keeps application contexts from before a refresh, and these the class loaders of the modules of
   * their time, whichever they are: there may be no more of ours than of OpenMRS's own.
   */
  private static void heap(TwoServers servers) throws Exception {
    Histogram heap = servers.childHistogram();
    atMost(OPEN_SESSIONS, servers, heap, "org.openmrs.module.sync2.capture.TransactionChanges");
    atMost(OPEN_SESSIONS, servers, heap, "org.hibernate.internal.SessionImpl");
    atMost(1, servers, heap, "org.openmrs.module.sync2.engine.SyncRuntime$Working");
    long contexts = heap.count("org.openmrs.util.OpenmrsClassLoader");
    servers.note(contexts + " class loaders of OpenMRS's");
    // Each module has one, with a class loader of its own.
    atMost(contexts, servers, heap, "org.openmrs.module.sync2.engine.SyncRuntime");
  }

  private static void atMost(long limit, TwoServers servers, Histogram heap, String name) {
    long count = heap.count(name);
    servers.note(count + " " + name);
    CaseFailure.unless(count <= limit, "the child holds " + count + " " + name);
  }
}
