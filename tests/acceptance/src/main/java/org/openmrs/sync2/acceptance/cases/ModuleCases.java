package org.openmrs.sync2.acceptance.cases;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.openmrs.sync2.acceptance.AcceptanceCase;
import org.openmrs.sync2.acceptance.AccessLog;
import org.openmrs.sync2.acceptance.Await;
import org.openmrs.sync2.acceptance.CaseFailure;
import org.openmrs.sync2.acceptance.Checks;
import org.openmrs.sync2.acceptance.Editor;
import org.openmrs.sync2.acceptance.Kind;
import org.openmrs.sync2.acceptance.SyncConfiguration;
import org.openmrs.sync2.acceptance.TwoServers;
import org.openmrs.sync2.acceptance.server.Answer;
import org.openmrs.sync2.acceptance.server.SyncModule;

/** The module in its OpenMRS: restart, schedule, who may call it, what it asks of its server. */
public final class ModuleCases {

  private static final Duration STARTED_WITHIN = Duration.ofMinutes(5);
  private static final Duration SCHEDULED_WITHIN = Duration.ofMinutes(3);

  private ModuleCases() {}

  /** All of them. */
  public static List<AcceptanceCase> all() {
    return List.of(
        new AcceptanceCase("anonymous-refused", ModuleCases::anonymousRefused),
        new AcceptanceCase("schedule", ModuleCases::schedule),
        new AcceptanceCase("no-request-to-itself", ModuleCases::noRequestToItself),
        new AcceptanceCase("module-restart", ModuleCases::restart));
  }

  private static void anonymousRefused(TwoServers servers) throws Exception {
    for (String path : List.of("status", "audit", "config", "parked")) {
      Answer answer = servers.child().getAnonymously("/ws/rest/v1/sync2/" + path);
      CaseFailure.unless(
          answer.status() == 401,
          "sync2/" + path + " answers " + answer.status() + " to a caller without a session");
    }
  }

  /** The module pulls by itself. */
  private static void schedule(TwoServers servers) throws Exception {
    String patient = new Editor(servers).patient();
    SyncConfiguration scheduled =
        servers.standard().with("pull", "enabled", true).with("pull", "intervalSeconds", 2);
    servers.configure(scheduled);
    Await.until(
        "patient " + patient + " on the child, without a pull that was asked for",
        SCHEDULED_WITHIN,
        () -> servers.child().getRest("patient/" + patient).ok());
    servers.configure(servers.standard());
    servers.synchronize();
    Checks.of(servers).same(Kind.PATIENT, patient);
  }

  private static void noRequestToItself(TwoServers servers) throws Exception {
    Path file = servers.childAccessLog();
    Editor editor = new Editor(servers);
    String encounter = editor.encounter(editor.patient());
    servers.feed().awaitEverything();
    AccessLog log = AccessLog.fromNow(file);
    servers.module().pull();
    // The log is written behind the answers: this request comes after those of the pull.
    String mark = "session?mark=" + servers.names().next("log").replace(' ', '-');
    servers.child().getRest(mark);
    Await.until(
        "the suite's own request in " + file,
        STARTED_WITHIN,
        () -> log.lines().stream().anyMatch(line -> line.contains(mark)));
    List<String> foreign = log.foreignRequests();
    CaseFailure.unless(
        foreign.isEmpty(), "requests during the pull that are not the suite's: " + foreign);
    Checks.of(servers).same(Kind.ENCOUNTER, encounter);
  }

  /** A restarted module works, and has forgotten nothing of what it did. */
  private static void restart(TwoServers servers) throws Exception {
    String before = new Editor(servers).patient();
    servers.synchronize();
    SyncModule module = servers.module();
    List<JsonNode> audit = module.audit(before);
    JsonNode markers = module.markers();
    servers.child().write("moduleaction", Map.of("action", "restart", "modules", List.of("sync2")));
    Await.until("the module after its restart", STARTED_WITHIN, () -> answers(servers));
    CaseFailure.unless(module.markers().equals(markers), "a marker has moved");
    String after = new Editor(servers).patient();
    servers.synchronize();
    CaseFailure.unless(
        module.audit(before).equals(audit),
        "the audit of " + before + " is another one: " + module.audit(before));
    isThere(servers, before);
    isThere(servers, after);
    oneMessageAnEvent(module.audit(after));
  }

  /** A child whose modules were restarted serves no FHIR, in which it could be compared. */
  private static void isThere(TwoServers servers, String patient) throws Exception {
    if (servers.travelsAsFhir(Kind.PATIENT)) {
      Checks.of(servers).present(Kind.PATIENT, patient);
    } else {
      Checks.of(servers).same(Kind.PATIENT, patient);
    }
  }

  private static boolean answers(TwoServers servers) throws Exception {
    Answer answer = servers.child().getRest("sync2/status");
    return answer.ok() && answer.json().path("version").isTextual();
  }

  private static void oneMessageAnEvent(List<JsonNode> audit) {
    long events =
        audit.stream().map(message -> message.path("eventId").asText()).distinct().count();
    CaseFailure.unless(events == audit.size(), "an event has two audit messages: " + audit);
  }
}
