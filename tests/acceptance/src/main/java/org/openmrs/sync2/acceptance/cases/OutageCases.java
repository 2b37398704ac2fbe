package org.openmrs.sync2.acceptance.cases;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.openmrs.sync2.acceptance.AcceptanceCase;
import org.openmrs.sync2.acceptance.Await;
import org.openmrs.sync2.acceptance.CaseFailure;
import org.openmrs.sync2.acceptance.CaseSkipped;
import org.openmrs.sync2.acceptance.Checks;
import org.openmrs.sync2.acceptance.Cohort;
import org.openmrs.sync2.acceptance.Editor;
import org.openmrs.sync2.acceptance.Kind;
import org.openmrs.sync2.acceptance.ParentBackup;
import org.openmrs.sync2.acceptance.ParentProcess;
import org.openmrs.sync2.acceptance.SyncConfiguration;
import org.openmrs.sync2.acceptance.TwoServers;
import org.openmrs.sync2.acceptance.Way;
import org.openmrs.sync2.acceptance.server.Answer;
import org.openmrs.sync2.acceptance.server.FeedPage;
import org.openmrs.sync2.acceptance.server.SyncModule;
import org.openmrs.sync2.acceptance.server.SyncRun;

/** A parent that is away, refuses, or answers what it should not: nothing is lost or removed. */
public final class OutageCases {

  private static final Duration BEGUN_WITHIN = Duration.ofMinutes(3);

  private OutageCases() {}

  /** All of them. Those that restart the parent come last. */
  public static List<AcceptanceCase> all() {
    return List.of(
        new AcceptanceCase("wrong-password", OutageCases::wrongPassword),
        new AcceptanceCase("parent-unreachable", OutageCases::unreachable),
        new AcceptanceCase("feed-without-session", OutageCases::feedWithoutSession),
        new AcceptanceCase("parent-restarted", OutageCases::parentRestarted),
        new AcceptanceCase("parent-stopped", OutageCases::parentStopped),
        new AcceptanceCase("push-parent-stopped", OutageCases::parentStoppedInPush),
        new AcceptanceCase("push-parent-restored", OutageCases::parentRestored),
        new AcceptanceCase("fhir-without-resources", OutageCases::fhirWithoutResources));
  }

  private static void wrongPassword(TwoServers servers) throws Exception {
    nothingMovesWith(
        servers,
        servers.standard().with("parent", "password", "wrong " + servers.names().run()),
        "Unauthorized",
        "logIn");
  }

  private static void unreachable(TwoServers servers) throws Exception {
    // The port of "discard", which nothing serves.
    nothingMovesWith(
        servers,
        servers.standard().with("parent", "url", "http://127.0.0.1:9/openmrs"),
        "Unreachable",
        "connect");
  }

  /** A run that cannot reach or log in consumes nothing; the next one does what there is to do. */
  private static void nothingMovesWith(
      TwoServers servers, SyncConfiguration broken, String errorKind, String failedCheck)
      throws Exception {
    servers.synchronize();
    String patient = new Editor(servers).patient();
    servers.feed().awaitEverything();
    SyncModule module = servers.module();
    JsonNode markers = module.markers();
    servers.configure(broken);
    connectionTestMustFailAt(failedCheck, module.connectionTest());
    SyncRun run = module.pull();
    CaseFailure.unless(
        run.state().equals("interrupted") && run.errorKind().equals(errorKind),
        "expected a run that is interrupted as " + errorKind + ", but " + run);
    CaseFailure.unless(module.markers().equals(markers), "a marker has moved: " + module.markers());
    Checks checks = Checks.of(servers);
    checks.notParked(patient);
    checks.absent(Kind.PATIENT, patient);
    servers.configure(servers.standard());
    servers.synchronize();
    checks.same(Kind.PATIENT, patient);
  }

  private static void connectionTestMustFailAt(String check, JsonNode test) {
    boolean found = false;
    for (JsonNode each : test.path("checks")) {
      boolean failed = !each.path("ok").asBoolean();
      found |= failed && each.path("name").asText().equals(check);
    }
    CaseFailure.unless(found, "the connection test does not fail at " + check + ": " + test);
  }

  /**
   * Without a session the atomfeed module answers 200 with an error, and the module 401: it logs
   * in.
   */
  private static void feedWithoutSession(TwoServers servers) throws Exception {
    Answer answer = servers.parent().getAnonymously(servers.feed().recent("patient"));
    servers.note(
        "without a session the parent's feed answers "
            + answer.status()
            + (FeedPage.isFeed(answer.text()) ? " with the feed" : " without a feed"));
    String patient = new Editor(servers).patient();
    servers.synchronize();
    Checks.of(servers).same(Kind.PATIENT, patient);
    JsonNode test = servers.module().connectionTest();
    CaseFailure.unless(
        test.path("ok").asBoolean(), "the connection test finds something wrong: " + test);
  }

  /** A restart ends the module's session: it takes a new one. */
  private static void parentRestarted(TwoServers servers) throws Exception {
    ParentProcess process = servers.parentProcess();
    servers.synchronize();
    process.stop();
    process.start(servers.parent());
    String patient = new Editor(servers).patient();
    servers.synchronize();
    Checks.of(servers).same(Kind.PATIENT, patient);
  }

  private static void parentStopped(TwoServers servers) throws Exception {
    stopped(servers, servers.pulling());
  }

  private static void parentStoppedInPush(TwoServers servers) throws Exception {
    stopped(servers, servers.pushing());
  }

  /** The parent stops in the middle of a run: nothing is parked, and the next run goes on. */
  private static void stopped(TwoServers servers, Way way) throws Exception {
    ParentProcess process = servers.parentProcess();
    // What earlier cases have left must not be what the run is at when the parent stops.
    way.synchronize();
    Cohort cohort = Cohort.write(way, servers.patients());
    servers.feed().awaitEverything();
    SyncModule module = servers.module();
    // What earlier cases have left waits for what never comes, and is tried again by any run.
    Set<String> leftBefore = module.parkedObjects();
    // One record at a time, so that the parent stops while the run is under way.
    servers.configure(
        servers
            .standard()
            .with("transfer", "batchSize", 1)
            .with("transfer", "fetchConcurrency", 1));
    String id = module.start(way.direction());
    Await.until("the first event of the run", BEGUN_WITHIN, () -> module.run(id).events() > 0);
    SyncRun run = endWhileStopped(servers, process, id);
    CaseFailure.unless(
        run.state().equals("interrupted") && run.errorKind().equals("Unreachable"),
        "expected a run that is interrupted as Unreachable, but " + run);
    Set<String> parked = module.parkedObjects();
    parked.removeAll(leftBefore);
    CaseFailure.unless(parked.isEmpty(), "these are parked: " + parked + " by " + run);
    servers.configure(servers.standard());
    way.synchronize();
    cohort.mustBeSame(way);
  }

  /**
   * What the parent took after the copy that it was restored from is sent again, by pushes alone.
   */
  private static void parentRestored(TwoServers servers) throws Exception {
    ParentProcess process = servers.parentProcess();
    ParentBackup backup = servers.parentBackup();
    Way way = servers.pushing();
    String edited = way.editor().patient();
    way.synchronize();
    backup.make();
    String made = way.editor().patient();
    String encounter = way.editor().encounter(made);
    way.origin().change("person", edited, Map.of("birthdate", "1985-06-18"));
    way.synchronize();
    Checks checks = way.checks();
    checks.same(Kind.ENCOUNTER, encounter);
    process.stop();
    backup.restore();
    process.start(servers.parent());
    checks.absent(Kind.PATIENT, made);
    String later = way.editor().patient();
    servers.push();
    servers.push();
    checks.same(Kind.PATIENT, List.of(made, edited, later));
    checks.same(Kind.ENCOUNTER, encounter);
  }

  /** How a run ends while the parent is stopped. It is started again, whatever comes of it. */
  private static SyncRun endWhileStopped(TwoServers servers, ParentProcess process, String run)
      throws Exception {
    process.stop();
    try {
      return servers.module().awaitEnd(run);
    } finally {
      process.start(servers.parent());
    }
  }

  /** Starting a module leaves OpenMRS's FHIR module without resources: 404 for everything. */
  private static void fhirWithoutResources(TwoServers servers) throws Exception {
    ParentProcess process = servers.parentProcess();
    // The exchange reads in the parent's process, where nothing is missing.
    servers.configure(servers.standardIn("fhir").with("parent", "exchange", "never"));
    String patient = new Editor(servers).patient();
    String location = new Editor(servers).create(Kind.LOCATION);
    servers.synchronize();
    servers.parent().change("person", patient, Map.of("gender", "M"));
    new Editor(servers).change(Kind.LOCATION, location);
    servers.feed().awaitEverything();
    servers
        .parent()
        .write(
            "moduleaction",
            Map.of("action", "restart", "modules", List.of(servers.feed().module())));
    try {
      pullWithoutResources(servers, patient, location);
    } finally {
      process.stop();
      process.start(servers.parent());
    }
    servers.synchronize();
    Checks.of(servers).same(Kind.PATIENT, patient);
    Checks.of(servers).same(Kind.LOCATION, location);
  }

  private static void pullWithoutResources(TwoServers servers, String patient, String location)
      throws Exception {
    Answer answer = servers.parent().getFhir("Patient/" + patient);
    if (answer.status() != 404) {
      throw new CaseSkipped(
          "the parent's FHIR module answers " + answer.status() + " after a module was restarted");
    }
    SyncRun run = servers.module().pull();
    servers.note(run.toString());
    Checks checks = Checks.of(servers);
    checks.present(Kind.PATIENT, patient);
    checks.present(Kind.LOCATION, location);
    CaseFailure.unless(run.count("REMOVED") == 0, "something is removed: " + run);
    JsonNode status = servers.module().status();
    CaseFailure.unless(
        run.errorKind().equals("NotFound")
            || status.path("held").has("patient")
            || status.path("notes").toString().contains("FHIR"),
        "neither the run nor the status says that FHIR is missing: " + run + ", " + status);
    // One feed of all categories has one marker, which cannot wait for one of them.
    boolean mayPark = servers.feed().isOwn();
    CaseFailure.unless(mayPark || run.count("PARKED") == 0, "records are parked: " + run);
  }
}
