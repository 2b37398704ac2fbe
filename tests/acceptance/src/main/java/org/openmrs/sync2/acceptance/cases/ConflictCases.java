package org.openmrs.sync2.acceptance.cases;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.openmrs.sync2.acceptance.AcceptanceCase;
import org.openmrs.sync2.acceptance.CaseFailure;
import org.openmrs.sync2.acceptance.Checks;
import org.openmrs.sync2.acceptance.Editor;
import org.openmrs.sync2.acceptance.Kind;
import org.openmrs.sync2.acceptance.TwoServers;
import org.openmrs.sync2.acceptance.server.Answer;
import org.openmrs.sync2.acceptance.server.OpenMrsServer;

/** Both sides edit the same field, or one removes what the other edits: a person decides. */
public final class ConflictCases {

  private static final Edit HERE = new Edit("1971-01-01", "Edited here");
  private static final Edit THERE = new Edit("1972-02-02", "Edited there");
  private static final int MOVED_SINCE = 409;

  private ConflictCases() {}

  /** All of them. */
  public static List<AcceptanceCase> all() {
    return List.of(
        new AcceptanceCase("conflict-ours", servers -> oneSide(servers, "ours", HERE)),
        new AcceptanceCase("conflict-theirs", servers -> oneSide(servers, "theirs", THERE)),
        new AcceptanceCase("conflict-fields", ConflictCases::fields),
        new AcceptanceCase("conflict-document", ConflictCases::document),
        new AcceptanceCase("conflict-several", ConflictCases::several),
        new AcceptanceCase("conflict-edited-meanwhile", ConflictCases::editedMeanwhile),
        new AcceptanceCase("conflict-made-equal", ConflictCases::madeEqual),
        new AcceptanceCase("conflict-removed-there-kept", servers -> removedThere(servers, "keep")),
        new AcceptanceCase(
            "conflict-removed-there-applied", servers -> removedThere(servers, "apply")),
        new AcceptanceCase("conflict-removed-here-kept", servers -> removedHere(servers, "keep")),
        new AcceptanceCase(
            "conflict-removed-here-applied", servers -> removedHere(servers, "apply")));
  }

  /** What somebody makes of a patient. */
  private record Edit(String birthdate, String givenName) {

    void make(OpenMrsServer server, String patient) throws Exception {
      server.change("person", patient, Map.of("birthdate", birthdate));
      String name =
          server.read("person/" + patient + "?v=full").path("names").path(0).path("uuid").asText();
      server.change("person/" + patient + "/name", name, Map.of("givenName", givenName));
    }
  }

  /** A patient whose day of birth and name both sides have edited, and the conflict of it. */
  private record Disputed(String patient, JsonNode conflict) {}

  private static Disputed disputed(TwoServers servers) throws Exception {
    servers.pushing();
    Clinic clinic = new Clinic(servers);
    String patient = clinic.patientOnBoth();
    HERE.make(servers.child(), patient);
    THERE.make(servers.parent(), patient);
    servers.synchronize();
    servers.push();
    mustBe(servers.child(), patient, HERE);
    mustBe(servers.parent(), patient, THERE);
    JsonNode conflict = servers.module().conflict(clinic.conflict(patient, List.of()));
    CaseFailure.unless(
        conflict.path("differences").size() == 2,
        "the conflict is not about two places: " + conflict.path("differences"));
    return new Disputed(patient, conflict);
  }

  private static void mustBe(OpenMrsServer server, String patient, Edit edit) throws Exception {
    JsonNode person = server.read("person/" + patient + "?v=full");
    String birthdate = person.path("birthdate").asText();
    String name = person.path("preferredName").path("display").asText();
    CaseFailure.unless(
        birthdate.startsWith(edit.birthdate()) && name.contains(edit.givenName()),
        "at " + server.base() + " it is " + name + ", born " + birthdate);
  }

  private static void mustBeAtBoth(TwoServers servers, String patient, Edit edit) throws Exception {
    Clinic clinic = new Clinic(servers);
    clinic.exchangeAll();
    clinic.noConflict(patient);
    clinic.nothingParked(patient);
    mustBe(servers.child(), patient, edit);
    mustBe(servers.parent(), patient, edit);
    Checks.of(servers).same(Kind.PATIENT, patient);
  }

  private static void oneSide(TwoServers servers, String choice, Edit holds) throws Exception {
    Disputed disputed = disputed(servers);
    servers.module().resolve(disputed.conflict(), Map.of("choice", choice));
    mustBeAtBoth(servers, disputed.patient(), holds);
  }

  /** The day of birth is ours, the name theirs. */
  private static void fields(TwoServers servers) throws Exception {
    Disputed disputed = disputed(servers);
    Map<String, String> fields = new LinkedHashMap<>();
    for (JsonNode difference : disputed.conflict().path("differences")) {
      String path = difference.path("path").asText();
      fields.put(path, path.toLowerCase(Locale.ROOT).contains("birth") ? "ours" : "theirs");
    }
    servers.module().resolve(disputed.conflict(), Map.of("choice", "fields", "fields", fields));
    mustBeAtBoth(servers, disputed.patient(), new Edit(HERE.birthdate(), THERE.givenName()));
  }

  /** Neither side was right about the day of birth. */
  private static void document(TwoServers servers) throws Exception {
    Disputed disputed = disputed(servers);
    ObjectNode document = disputed.conflict().path("ours").deepCopy();
    if (servers.travelsAsFhir(Kind.PATIENT)) {
      document.put("birthDate", "1973-03-03");
    } else {
      ((ObjectNode) document.path("person")).put("birthdate", "1973-03-03T00:00:00.000+0000");
    }
    servers
        .module()
        .resolve(disputed.conflict(), Map.of("choice", "document", "document", document));
    mustBeAtBoth(servers, disputed.patient(), new Edit("1973-03-03", HERE.givenName()));
  }

  /** Three of them with one decision. */
  private static void several(TwoServers servers) throws Exception {
    List<String> patients = new ArrayList<>();
    List<String> conflicts = new ArrayList<>();
    for (int number = 0; number < 3; number++) {
      Disputed disputed = disputed(servers);
      patients.add(disputed.patient());
      conflicts.add(disputed.conflict().path("uuid").asText());
    }
    servers.module().resolveAll(conflicts, "theirs");
    for (String patient : patients) {
      mustBeAtBoth(servers, patient, THERE);
    }
  }

  /** Who decides on what has moved since it was shown is told so, and nothing is done. */
  private static void editedMeanwhile(TwoServers servers) throws Exception {
    Disputed disputed = disputed(servers);
    Edit since = new Edit("1974-04-04", "Edited since");
    since.make(servers.child(), disputed.patient());
    Answer answer = servers.module().tryToResolve(disputed.conflict(), Map.of("choice", "theirs"));
    CaseFailure.unless(
        answer.status() == MOVED_SINCE, "the decision is answered with " + answer.status());
    mustBe(servers.child(), disputed.patient(), since);
    JsonNode shownNow = servers.module().conflict(disputed.conflict().path("uuid").asText());
    servers.module().resolve(shownNow, Map.of("choice", "ours"));
    mustBeAtBoth(servers, disputed.patient(), since);
  }

  /** Both type the same: the conflict closes by itself. */
  private static void madeEqual(TwoServers servers) throws Exception {
    Disputed disputed = disputed(servers);
    Edit same = new Edit("1975-05-05", "Edited alike");
    same.make(servers.child(), disputed.patient());
    same.make(servers.parent(), disputed.patient());
    mustBeAtBoth(servers, disputed.patient(), same);
  }

  /** The parent removes whom the child has edited. */
  private static void removedThere(TwoServers servers, String choice) throws Exception {
    servers.pushing();
    Clinic clinic = new Clinic(servers);
    String patient = clinic.patientOnBoth();
    HERE.make(servers.child(), patient);
    new Editor(servers).remove(Kind.PATIENT, patient);
    servers.synchronize();
    servers.push();
    mustBe(servers.child(), patient, HERE);
    decide(servers, patient, choice);
    removalMustBe(servers, patient, choice, HERE);
  }

  /** The child removes whom the parent has edited. */
  private static void removedHere(TwoServers servers, String choice) throws Exception {
    servers.pushing();
    Clinic clinic = new Clinic(servers);
    String patient = clinic.patientOnBoth();
    THERE.make(servers.parent(), patient);
    new Editor(servers, servers.child()).remove(Kind.PATIENT, patient);
    servers.push();
    servers.synchronize();
    mustBe(servers.parent(), patient, THERE);
    decide(servers, patient, choice);
    removalMustBe(servers, patient, choice, THERE);
  }

  private static void decide(TwoServers servers, String patient, String choice) throws Exception {
    String conflict = new Clinic(servers).conflict(patient, List.of());
    servers.module().resolve(servers.module().conflict(conflict), Map.of("choice", choice));
  }

  private static void removalMustBe(
      TwoServers servers, String patient, String choice, Edit whenKept) throws Exception {
    if (choice.equals("keep")) {
      mustBeAtBoth(servers, patient, whenKept);
      return;
    }
    Clinic clinic = new Clinic(servers);
    clinic.exchangeAll();
    clinic.noConflict(patient);
    clinic.nothingParked(patient);
    clinic.voidedMustBe(servers.parent(), "patient/" + patient, true);
    clinic.voidedMustBe(servers.child(), "patient/" + patient, true);
  }
}
