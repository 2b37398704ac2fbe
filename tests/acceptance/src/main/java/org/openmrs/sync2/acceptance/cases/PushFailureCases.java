package org.openmrs.sync2.acceptance.cases;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.openmrs.sync2.acceptance.AcceptanceCase;
import org.openmrs.sync2.acceptance.CaseFailure;
import org.openmrs.sync2.acceptance.Checks;
import org.openmrs.sync2.acceptance.Documents;
import org.openmrs.sync2.acceptance.Editor;
import org.openmrs.sync2.acceptance.Kind;
import org.openmrs.sync2.acceptance.ParentScope;
import org.openmrs.sync2.acceptance.SyncConfiguration;
import org.openmrs.sync2.acceptance.TwoServers;
import org.openmrs.sync2.acceptance.Way;
import org.openmrs.sync2.acceptance.server.OpenMrsServer;
import org.openmrs.sync2.acceptance.server.SyncRun;

/** What the parent does not take from the child, or not yet, and edits of both sides. */
public final class PushFailureCases {

  private PushFailureCases() {}

  /** All of them. */
  public static List<AcceptanceCase> all() {
    return List.of(
        new AcceptanceCase("push-edit-on-both-sides", PushFailureCases::editOnBothSides),
        new AcceptanceCase("push-removed-on-the-parent", PushFailureCases::removedOnTheParent),
        new AcceptanceCase("push-duplicate-identifier", PushFailureCases::duplicateIdentifier),
        new AcceptanceCase(
            "push-poison-proceed",
            servers -> ParentScope.strict(servers, () -> poisonProceeds(servers))),
        new AcceptanceCase(
            "push-poison-halt", servers -> ParentScope.strict(servers, () -> poisonHalts(servers))),
        new AcceptanceCase("push-late-dependency", PushFailureCases::lateDependency),
        new AcceptanceCase("push-wrong-password", PushFailureCases::wrongPassword),
        new AcceptanceCase("push-parent-unreachable", PushFailureCases::unreachable));
  }

  /** Both sides changed: the parent keeps its edit, the child its own, and a person decides. */
  private static void editOnBothSides(TwoServers servers) throws Exception {
    Way way = servers.pushing();
    String patient = new Editor(servers).patient();
    servers.synchronize();
    servers.child().change("person", patient, Map.of("birthdate", "1971-01-01"));
    servers.parent().change("person", patient, Map.of("birthdate", "1972-02-02"));
    servers.push();
    conflictMustBe(servers, way, patient);
    birthdateMustBe(servers.parent(), patient, "1972-02-02");
    birthdateMustBe(servers.child(), patient, "1971-01-01");
  }

  /** The parent voided what the child has edited: it stays voided, and a person decides. */
  private static void removedOnTheParent(TwoServers servers) throws Exception {
    Way way = servers.pushing();
    String patient = new Editor(servers).patient();
    servers.synchronize();
    servers.child().change("person", patient, Map.of("birthdate", "1971-01-01"));
    new Editor(servers).remove(Kind.PATIENT, patient);
    servers.push();
    conflictMustBe(servers, way, patient);
    JsonNode theirs = servers.parent().read("patient/" + patient + "?v=full");
    CaseFailure.unless(
        theirs.path("voided").asBoolean(), "the push brought back what the parent has voided");
    birthdateMustBe(servers.child(), patient, "1971-01-01");
  }

  private static void conflictMustBe(TwoServers servers, Way way, String patient) throws Exception {
    way.checks().audited(patient, "CONFLICT");
    CaseFailure.unless(
        servers.module().conflicts(patient).size() == 1,
        "there is no conflict of the patient that both sides changed");
  }

  private static void birthdateMustBe(OpenMrsServer server, String person, String date)
      throws Exception {
    String birthdate = server.read("person/" + person + "?v=full").path("birthdate").asText();
    CaseFailure.unless(
        birthdate.startsWith(date),
        "the edit at " + server.base() + " is lost: birthdate is " + birthdate);
  }

  /** Another patient there has the identifier: ours goes without it, and that one is named. */
  private static void duplicateIdentifier(TwoServers servers) throws Exception {
    Way way = servers.pushing();
    Documents documents = servers.documents();
    Map<String, Object> identifier = documents.newIdentifier();
    String value = identifier.get("identifier").toString();
    String theirs =
        servers
            .parent()
            .create("patient", documents.patient(documents.person(), documents.identifier(value)));
    String ours =
        servers.child().create("patient", documents.patient(documents.person(), identifier));
    servers.push();
    Checks checks = way.checks();
    checks.audited(ours, "PARTIAL");
    String note = checks.newestAudit(ours).path("detail").path("notes").toString();
    for (String part : List.of(theirs, "merge")) {
      CaseFailure.unless(
          note.toLowerCase(Locale.ROOT).contains(part),
          "the note does not hold \"" + part + "\": " + note);
    }
    checks.present(Kind.PATIENT, ours);
    checks.present(Kind.PATIENT, theirs);
    // With a number of its own it is there whole.
    servers
        .child()
        .change(
            "patient/" + ours + "/identifier",
            identifier.get("uuid").toString(),
            Map.of("identifier", servers.names().next("Changed")));
    servers.push();
    checks.notParked(ours);
    checks.same(Kind.PATIENT, ours);
  }

  private static String message(JsonNode parked) {
    String message = parked.path("error").path("message").asText();
    CaseFailure.unless(!message.isBlank(), "the parked record does not say why: " + parked);
    return message;
  }

  /** The bad one waits, those behind it arrive, and it follows when the cause is gone. */
  private static void poisonProceeds(TwoServers servers) throws Exception {
    Way way = servers.pushing();
    StrictIdentifierType type = StrictIdentifierType.on(way);
    String poison = type.newPatient();
    String good = way.editor().patient();
    servers.push();
    Checks checks = way.checks();
    JsonNode parked = checks.parked(poison, "Rejected");
    message(parked);
    checks.absent(Kind.PATIENT, poison);
    checks.same(Kind.PATIENT, good);
    type.relax();
    servers.module().retry(List.of(parked.path("auditUuid").asText()));
    servers.push();
    checks.notParked(poison);
    checks.same(Kind.PATIENT, poison);
  }

  /** The run stops before the bad one, and goes on with it when the cause is gone. */
  private static void poisonHalts(TwoServers servers) throws Exception {
    Way way = servers.pushing();
    StrictIdentifierType type = StrictIdentifierType.on(way);
    // What earlier cases have left must not be what stops it.
    servers.push();
    servers.configure(servers.standard().with("push", "onRecordFailure", "halt"));
    String poison = type.newPatient();
    String good = way.editor().patient();
    for (int attempt = 0; attempt < 2; attempt++) {
      mustBeInterrupted(servers.module().push(), "Rejected");
    }
    Checks checks = way.checks();
    checks.notParked(poison);
    checks.absent(Kind.PATIENT, good);
    type.relax();
    servers.push();
    checks.same(Kind.PATIENT, poison);
    checks.same(Kind.PATIENT, good);
  }

  private static void mustBeInterrupted(SyncRun run, String errorKind) {
    CaseFailure.unless(
        run.state().equals("interrupted") && run.errorKind().equals(errorKind),
        "expected a run that is interrupted as " + errorKind + ", but " + run);
  }

  /** What the parent misses is pushed later: what refers to it goes on by itself. */
  private static void lateDependency(TwoServers servers) throws Exception {
    Way way = servers.pushing();
    servers.configure(servers.standard().withCategory("location", "push", false));
    String location = way.editor().create(Kind.LOCATION);
    Map<String, Object> document = servers.documents().encounter(way.editor().patient());
    document.put("location", location);
    String encounter = servers.child().create("encounter", document);
    servers.push();
    Checks checks = way.checks();
    JsonNode parked = checks.parked(encounter, "MissingReference");
    CaseFailure.unless(
        parked.path("waitingFor").path("uuid").asText().equals(location),
        "the encounter waits for " + parked.path("waitingFor") + " instead of " + location);
    checks.absent(Kind.ENCOUNTER, encounter);
    servers.configure(servers.standard());
    // The marker has passed its first event while the category was off.
    way.editor().change(Kind.LOCATION, location);
    servers.push();
    // What has arrived releases the record, in this run or in the next.
    servers.push();
    checks.notParked(encounter);
    checks.same(Kind.LOCATION, location);
    checks.same(Kind.ENCOUNTER, encounter);
  }

  private static void wrongPassword(TwoServers servers) throws Exception {
    String wrong = "wrong " + servers.names().run();
    nothingGoesUpWith(
        servers, servers.standard().with("parent", "password", wrong), "Unauthorized");
  }

  private static void unreachable(TwoServers servers) throws Exception {
    // The port of "discard", which nothing serves.
    String nowhere = "http://127.0.0.1:9/openmrs";
    nothingGoesUpWith(servers, servers.standard().with("parent", "url", nowhere), "Unreachable");
  }

  /** A run that cannot reach or log in consumes nothing; the next one does what there is to do. */
  private static void nothingGoesUpWith(
      TwoServers servers, SyncConfiguration broken, String errorKind) throws Exception {
    Way way = servers.pushing();
    servers.push();
    String patient = way.editor().patient();
    servers.configure(broken);
    mustBeInterrupted(servers.module().push(), errorKind);
    Checks checks = way.checks();
    checks.notParked(patient);
    checks.absent(Kind.PATIENT, patient);
    servers.configure(servers.standard());
    servers.push();
    checks.same(Kind.PATIENT, patient);
  }
}
