package org.openmrs.sync2.acceptance.cases;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.openmrs.sync2.acceptance.AcceptanceCase;
import org.openmrs.sync2.acceptance.Await;
import org.openmrs.sync2.acceptance.CaseFailure;
import org.openmrs.sync2.acceptance.Checks;
import org.openmrs.sync2.acceptance.Cohort;
import org.openmrs.sync2.acceptance.Editor;
import org.openmrs.sync2.acceptance.Kind;
import org.openmrs.sync2.acceptance.SyncConfiguration;
import org.openmrs.sync2.acceptance.TwoServers;
import org.openmrs.sync2.acceptance.Way;
import org.openmrs.sync2.acceptance.server.Direction;
import org.openmrs.sync2.acceptance.server.OpenMrsServer;
import org.openmrs.sync2.acceptance.server.SyncModule;
import org.openmrs.sync2.acceptance.server.SyncRun;

/** What is edited at the child goes up, and nothing of it comes back as news. */
public final class PushCases {

  private static final int MANY = 100;
  private static final Duration SCHEDULED_WITHIN = Duration.ofMinutes(3);

  private PushCases() {}

  /** All of them, with those of every kind and of its parts. */
  public static List<AcceptanceCase> all() {
    List<AcceptanceCase> cases = new ArrayList<>();
    cases.addAll(LifecycleCases.pushed());
    cases.addAll(PartCases.pushed());
    cases.add(new AcceptanceCase("push-edit-of-pulled", PushCases::editOfPulled));
    cases.add(new AcceptanceCase("push-many-patients", PushCases::manyPatients));
    cases.add(new AcceptanceCase("push-comes-back", PushCases::comesBack));
    cases.add(new AcceptanceCase("push-echo-of-pull", PushCases::echoOfPull));
    cases.add(new AcceptanceCase("push-category-off", PushCases::categoryOff));
    cases.add(new AcceptanceCase("push-only", PushCases::pushOnly));
    cases.add(new AcceptanceCase("pull-only", PushCases::pullOnly));
    return cases;
  }

  /** What the parent made and only the child has edited since. */
  private static void editOfPulled(TwoServers servers) throws Exception {
    Way way = servers.pushing();
    String patient = new Editor(servers).patient();
    servers.synchronize();
    way.editor().change(Kind.PATIENT, patient);
    String name = way.editor().parts("person", patient, "names").get(0);
    way.origin().change("person/" + patient + "/name", name, Map.of("givenName", "Changed"));
    servers.push();
    way.checks().same(Kind.PATIENT, patient);
    way.checks().audited(patient, "APPLIED");
    String arrived = servers.parent().read("patient/" + patient + "?v=full").toString();
    CaseFailure.unless(arrived.contains("Changed"), "the child's edit is not at the parent");
  }

  private static void manyPatients(TwoServers servers) throws Exception {
    Way way = servers.pushing();
    servers.push();
    Cohort cohort = Cohort.write(way, MANY);
    SyncRun run = servers.push();
    cohort.mustBeSame(way);
    double seconds = Math.max(run.seconds(), 0.001);
    servers.note(
        "%d patients, %d objects in %.1f s: %.1f patients/s, %.1f objects/s"
            .formatted(MANY, cohort.size(), seconds, MANY / seconds, cohort.size() / seconds));
  }

  /** The parent tells of what was pushed to it; that is no news, and nothing goes up again. */
  private static void comesBack(TwoServers servers) throws Exception {
    Way way = servers.pushing();
    servers.synchronize();
    servers.push();
    String patient = way.editor().patient();
    String encounter = way.editor().encounter(patient);
    servers.push();
    Set<String> told = toldByParent(servers, patient, encounter);
    completed(servers.module().pull());
    Checks.of(servers).audited(patient, "UNCHANGED");
    Checks.of(servers).audited(encounter, "UNCHANGED");
    nothingIsSent(servers.push());
    SyncRun again = completed(servers.module().pull());
    CaseFailure.unless(again.events() == 0, "the parent has something new to tell: " + again);
    CaseFailure.unless(
        toldByParent(servers, patient, encounter).equals(told),
        "the parent has been written to again");
    way.checks().same(Kind.PATIENT, patient);
    way.checks().same(Kind.ENCOUNTER, encounter);
  }

  /** What a pull saves at the child is in the child's feed, too, and stays there. */
  private static void echoOfPull(TwoServers servers) throws Exception {
    Way way = servers.pushing();
    String patient = new Editor(servers).patient();
    String encounter = new Editor(servers).encounter(patient);
    Set<String> told = toldByParent(servers, patient, encounter);
    servers.synchronize();
    servers.push();
    way.checks().audited(patient, "UNCHANGED");
    way.checks().audited(encounter, "UNCHANGED");
    CaseFailure.unless(
        toldByParent(servers, patient, encounter).equals(told),
        "what came from the parent was written there again");
  }

  /** The events of the parent's feed: one for each transaction that wrote one of the two. */
  private static Set<String> toldByParent(TwoServers servers, String patient, String encounter)
      throws Exception {
    Set<String> events = servers.feed().eventsOf(Kind.PATIENT.category(), patient);
    events.addAll(servers.feed().eventsOf(Kind.ENCOUNTER.category(), encounter));
    CaseFailure.unless(events.size() >= 2, "the parent's feed does not tell of both: " + events);
    return events;
  }

  private static void nothingIsSent(SyncRun run) {
    long sent = 0;
    for (String status : List.of("APPLIED", "PARTIAL", "REMOVED", "CONFLICT")) {
      sent += run.count(status);
    }
    CaseFailure.unless(sent == 0, "something is sent although nothing was edited: " + run);
  }

  private static SyncRun completed(SyncRun run) {
    CaseFailure.unless(run.state().equals("completed"), run.toString());
    return run;
  }

  /** A category that is not pushed stays here, and does not hold up the others. */
  private static void categoryOff(TwoServers servers) throws Exception {
    Way way = servers.pushing();
    servers.configure(servers.standard().withCategory("location", "push", false));
    String location = way.editor().create(Kind.LOCATION);
    String person = way.editor().create(Kind.PERSON);
    servers.push();
    way.checks().absent(Kind.LOCATION, location);
    way.checks().same(Kind.PERSON, person);
    servers.configure(servers.standard());
    way.editor().change(Kind.LOCATION, location);
    servers.push();
    way.checks().same(Kind.LOCATION, location);
  }

  /** The schedule pushes, and nothing pulls. */
  private static void pushOnly(TwoServers servers) throws Exception {
    Way way = servers.pushing();
    SyncModule module = servers.module();
    Set<String> pulls = module.newestRuns(Direction.PULL);
    String theirs = new Editor(servers).patient();
    String ours = way.editor().patient();
    servers.configure(scheduled(servers, Direction.PUSH));
    awaitPatient(servers.parent(), ours);
    servers.configure(servers.standard());
    Checks.of(servers).absent(Kind.PATIENT, theirs);
    CaseFailure.unless(
        pulls.containsAll(module.newestRuns(Direction.PULL)), "a pull ran although none may");
    way.checks().same(Kind.PATIENT, ours);
  }

  /** The schedule pulls, and nothing pushes. */
  private static void pullOnly(TwoServers servers) throws Exception {
    Way way = servers.pushing();
    SyncModule module = servers.module();
    Set<String> pushes = module.newestRuns(Direction.PUSH);
    String ours = way.editor().patient();
    servers.configure(scheduled(servers, Direction.PULL));
    // Twice: by the second time a push of the same schedule would have been due, too.
    for (int round = 0; round < 2; round++) {
      awaitPatient(servers.child(), new Editor(servers).patient());
    }
    servers.configure(servers.standard());
    way.checks().absent(Kind.PATIENT, ours);
    CaseFailure.unless(
        pushes.containsAll(module.newestRuns(Direction.PUSH)), "a push ran although none may");
    servers.push();
    way.checks().same(Kind.PATIENT, ours);
  }

  private static SyncConfiguration scheduled(TwoServers servers, Direction direction) {
    String section = direction.toString();
    return servers.standard().with(section, "enabled", true).with(section, "intervalSeconds", 2);
  }

  private static void awaitPatient(OpenMrsServer server, String patient) throws Exception {
    Await.until(
        "patient " + patient + " at " + server.base() + ", without a run that was asked for",
        SCHEDULED_WITHIN,
        () -> server.getRest("patient/" + patient).ok());
  }
}
