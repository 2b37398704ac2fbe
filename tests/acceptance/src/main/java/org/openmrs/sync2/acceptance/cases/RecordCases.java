package org.openmrs.sync2.acceptance.cases;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.openmrs.sync2.acceptance.AcceptanceCase;
import org.openmrs.sync2.acceptance.Await;
import org.openmrs.sync2.acceptance.CaseFailure;
import org.openmrs.sync2.acceptance.Checks;
import org.openmrs.sync2.acceptance.Documents;
import org.openmrs.sync2.acceptance.Editor;
import org.openmrs.sync2.acceptance.Kind;
import org.openmrs.sync2.acceptance.TwoServers;
import org.openmrs.sync2.acceptance.server.SyncRun;

/** Records that the child cannot take, or not yet, and edits of both sides. */
public final class RecordCases {

  private static final Duration NEXT_ATTEMPT_WITHIN = Duration.ofSeconds(30);

  private RecordCases() {}

  /** All of them. */
  public static List<AcceptanceCase> all() {
    return List.of(
        new AcceptanceCase("poison-proceed", RecordCases::poisonProceeds),
        new AcceptanceCase("poison-halt", RecordCases::poisonHalts),
        new AcceptanceCase("late-dependency", RecordCases::lateDependency),
        new AcceptanceCase("duplicate-identifier", RecordCases::duplicateIdentifier),
        new AcceptanceCase("edit-on-both-sides", RecordCases::editOnBothSides),
        new AcceptanceCase("edit-on-the-child", RecordCases::editOnTheChild));
  }

  /** The bad one waits, those behind it arrive, and it follows when the cause is gone. */
  private static void poisonProceeds(TwoServers servers) throws Exception {
    StrictIdentifierType type = StrictIdentifierType.on(servers.pulling());
    servers.configure(servers.standard().withCategory("patient", "validation", "strict"));
    String poison = type.newPatient();
    String good = new Editor(servers).patient();
    servers.synchronize();
    Checks checks = Checks.of(servers);
    JsonNode parked = checks.parked(poison, "Rejected");
    checks.absent(Kind.PATIENT, poison);
    checks.same(Kind.PATIENT, good);
    CaseFailure.unless(
        !parked.path("error").path("message").asText().isBlank(),
        "the parked record does not tell what the validator said");
    type.relax();
    servers.module().retry(List.of(parked.path("auditUuid").asText()));
    servers.synchronize();
    checks.notParked(poison);
    checks.same(Kind.PATIENT, poison);
  }

  /** The run stops before the bad one, and goes on with it when the cause is gone. */
  private static void poisonHalts(TwoServers servers) throws Exception {
    StrictIdentifierType type = StrictIdentifierType.on(servers.pulling());
    servers.configure(
        servers
            .standard()
            .withCategory("patient", "validation", "strict")
            .with("pull", "onRecordFailure", "halt"));
    String poison = type.newPatient();
    String good = new Editor(servers).patient();
    servers.feed().awaitEverything();
    for (int attempt = 0; attempt < 2; attempt++) {
      SyncRun run = servers.module().pull();
      CaseFailure.unless(
          run.state().equals("interrupted") && run.errorKind().equals("Rejected"),
          "expected a run that stops before the bad record, but " + run);
    }
    Checks checks = Checks.of(servers);
    checks.notParked(poison);
    checks.absent(Kind.PATIENT, good);
    type.relax();
    servers.synchronize();
    checks.same(Kind.PATIENT, poison);
    checks.same(Kind.PATIENT, good);
  }

  /** What a record waits for is switched on later: it goes on by itself. */
  private static void lateDependency(TwoServers servers) throws Exception {
    servers.configure(servers.standard().without("location"));
    Documents documents = servers.documents();
    String location = servers.parent().create("location", documents.location());
    Map<String, Object> document = documents.encounter(new Editor(servers).patient());
    document.put("location", location);
    String encounter = servers.parent().create("encounter", document);
    servers.synchronize();
    Checks checks = Checks.of(servers);
    JsonNode parked = checks.parked(encounter, "MissingReference");
    CaseFailure.unless(
        parked.path("waitingFor").path("uuid").asText().equals(location),
        "the encounter waits for " + parked.path("waitingFor") + " instead of " + location);
    servers.configure(servers.standard());
    servers.synchronize(Kind.LOCATION, location);
    // A complete feed has passed the location: it comes with the next attempt for the encounter.
    Await.until(
        "the encounter after its location",
        NEXT_ATTEMPT_WITHIN,
        () -> {
          servers.synchronize();
          return servers.module().parked(encounter).isEmpty();
        });
    checks.same(Kind.LOCATION, location);
    checks.same(Kind.ENCOUNTER, encounter);
  }

  /** Another patient here has the identifier: theirs comes without it, and that one is named. */
  private static void duplicateIdentifier(TwoServers servers) throws Exception {
    Documents documents = servers.documents();
    Map<String, Object> identifier = documents.newIdentifier();
    String value = identifier.get("identifier").toString();
    String local =
        servers
            .child()
            .create("patient", documents.patient(documents.person(), documents.identifier(value)));
    String theirs =
        servers.parent().create("patient", documents.patient(documents.person(), identifier));
    servers.synchronize();
    Checks checks = Checks.of(servers);
    checks.audited(theirs, "PARTIAL");
    String note = checks.newestAudit(theirs).path("detail").path("notes").toString();
    CaseFailure.unless(note.contains(local), "the note does not name " + local + ": " + note);
    CaseFailure.unless(
        note.toLowerCase(Locale.ROOT).contains("merge"),
        "the note does not say what to do: " + note);
    checks.present(Kind.PATIENT, theirs);
    checks.present(Kind.PATIENT, local);
  }

  /** Both sides changed: nobody's edit is lost, and a person decides. */
  private static void editOnBothSides(TwoServers servers) throws Exception {
    String patient = new Editor(servers).patient();
    servers.synchronize(Kind.PATIENT, patient);
    servers.child().change("person", patient, Map.of("birthdate", "1971-01-01"));
    servers.parent().change("person", patient, Map.of("birthdate", "1972-02-02"));
    servers.synchronize();
    CaseFailure.unless(
        servers.module().conflicts(patient).size() == 1,
        "there is no conflict of the patient that both sides changed");
    birthdateMustBe(servers, patient, "1971-01-01");
    String status = Checks.of(servers).newestAudit(patient).path("status").asText();
    CaseFailure.unless(status.equals("CONFLICT"), "the audit says " + status);
  }

  /** The parent did not change it: the local edit stays, and no conflict is made of it. */
  private static void editOnTheChild(TwoServers servers) throws Exception {
    String patient = new Editor(servers).patient();
    servers.synchronize(Kind.PATIENT, patient);
    servers.child().change("person", patient, Map.of("birthdate", "1971-01-01"));
    // An event without a change: the parent saves what it has already.
    servers.parent().change("person", patient, Map.of("gender", "F"));
    servers.synchronize();
    birthdateMustBe(servers, patient, "1971-01-01");
    CaseFailure.unless(
        servers.module().conflicts(patient).isEmpty(),
        "there is a conflict although only the child changed the patient");
  }

  private static void birthdateMustBe(TwoServers servers, String person, String date)
      throws Exception {
    String birthdate =
        servers.child().read("person/" + person + "?v=full").path("birthdate").asText();
    CaseFailure.unless(
        birthdate.startsWith(date), "the local edit is lost: birthdate is " + birthdate);
  }
}
