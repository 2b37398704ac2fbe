package org.openmrs.sync2.acceptance.cases;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.openmrs.sync2.acceptance.CaseFailure;
import org.openmrs.sync2.acceptance.CaseSkipped;
import org.openmrs.sync2.acceptance.Checks;
import org.openmrs.sync2.acceptance.Documents;
import org.openmrs.sync2.acceptance.Editor;
import org.openmrs.sync2.acceptance.Kind;
import org.openmrs.sync2.acceptance.TwoServers;
import org.openmrs.sync2.acceptance.server.Answer;
import org.openmrs.sync2.acceptance.server.OpenMrsServer;

/** What clerks and nurses do at both servers in the cases that concern several objects at once. */
final class Clinic {

  private static final String MERGE = "sync2probe/merge";

  private final TwoServers servers;

  Clinic(TwoServers servers) {
    this.servers = servers;
  }

  /** An encounter with two observations, all by uuid. */
  record Consultation(String encounter, List<String> observations) {}

  TwoServers servers() {
    return servers;
  }

  /** A patient who was registered at the parent and is at the child, too. */
  String patientOnBoth() throws Exception {
    String patient = new Editor(servers).patient();
    servers.synchronize(Kind.PATIENT, patient);
    return patient;
  }

  /** Somebody saves an encounter with two observations at this server. */
  Consultation consultation(OpenMrsServer server, String patient) throws IOException {
    return consultation(server, servers.documents().encounter(patient));
  }

  /** The same with an encounter that is more than the usual one. */
  Consultation consultation(OpenMrsServer server, Map<String, Object> encounter)
      throws IOException {
    Map<String, Object> weight = servers.documents().value(servers.metadata().numeric(), 61.5);
    Map<String, Object> note = servers.documents().value(servers.metadata().text(), "came alone");
    encounter.put("obs", List.of(weight, note));
    server.create("encounter", encounter);
    return new Consultation(
        encounter.get("uuid").toString(),
        List.of(weight.get("uuid").toString(), note.get("uuid").toString()));
  }

  /** The identifiers of a patient at this server, without voided ones. */
  List<String> numbers(OpenMrsServer server, String patient) throws IOException {
    return server
        .read("patient/" + patient + "?v=full")
        .path("identifiers")
        .findValues("identifier")
        .stream()
        .map(JsonNode::asText)
        .toList();
  }

  /**
   * Merges two patients as OpenMRS's own page does.
   *
   * @throws CaseSkipped when the server does not have the probe module
   */
  void merge(OpenMrsServer server, String survivor, String loser) throws IOException {
    Answer answer = server.postRest(MERGE, Map.of("survivor", survivor, "loser", loser));
    if (answer.status() == 404) {
      throw new CaseSkipped("needs build/probe/sync2probe.omod on both servers");
    }
    // What goes wrong OpenMRS's REST module answers with 200 and the exception.
    CaseFailure.unless(
        answer.ok() && answer.json().path("survivor").asText().equals(survivor),
        "the merge is answered with "
            + answer.status()
            + " "
            + answer.json().path("message").asText());
  }

  /** Has both sides tell each other all they have, until nothing can be left to say. */
  void exchangeAll() throws Exception {
    for (int round = 0; round < 2; round++) {
      servers.push();
      servers.synchronize();
    }
  }

  /**
   * The one conflict of an object, which must name others.
   *
   * @return its uuid
   */
  String conflict(String object, List<String> named) throws Exception {
    List<JsonNode> conflicts = servers.module().conflicts(object);
    CaseFailure.unless(
        conflicts.size() == 1, "there are " + conflicts.size() + " conflicts of " + object);
    String uuid = conflicts.get(0).path("uuid").asText();
    String told = conflicts.get(0).path("detail").toString();
    for (String other : named) {
      CaseFailure.unless(told.contains(other), "the conflict does not name " + other + ": " + told);
    }
    return uuid;
  }

  /** Nothing of an object is in dispute. */
  void noConflict(String object) throws Exception {
    List<JsonNode> conflicts = servers.module().conflicts(object);
    CaseFailure.unless(conflicts.isEmpty(), "there is a conflict of " + object + ": " + conflicts);
  }

  /** Nothing of an object waits, in either direction. */
  void nothingParked(String object) throws Exception {
    List<JsonNode> parked = servers.module().parked(object);
    CaseFailure.unless(parked.isEmpty(), object + " is parked: " + parked);
  }

  /** A consultation is live at this server, whole. */
  void live(OpenMrsServer server, Consultation consultation) throws Exception {
    voidedMustBe(server, consultation, false);
  }

  /** A consultation is voided at this server, whole. */
  void voided(OpenMrsServer server, Consultation consultation) throws Exception {
    voidedMustBe(server, consultation, true);
  }

  private void voidedMustBe(OpenMrsServer server, Consultation consultation, boolean voided)
      throws Exception {
    voidedMustBe(server, "encounter/" + consultation.encounter(), voided);
    for (String observation : consultation.observations()) {
      voidedMustBe(server, "obs/" + observation, voided);
    }
  }

  /** An object is at this server, voided or not. */
  void voidedMustBe(OpenMrsServer server, String path, boolean voided) throws Exception {
    Answer answer = server.getRest(path + "?v=full");
    CaseFailure.unless(
        answer.ok(), path + " is not at " + server.base() + ": its answer is " + answer.status());
    CaseFailure.unless(
        answer.json().path("voided").asBoolean() == voided,
        path + " is " + (voided ? "not " : "") + "voided at " + server.base());
  }

  /** Both servers have a patient and her consultations alike. */
  void same(String patient, Consultation... consultations) throws Exception {
    Checks checks = Checks.of(servers);
    checks.same(Kind.PATIENT, patient);
    for (Consultation consultation : consultations) {
      checks.same(Kind.ENCOUNTER, consultation.encounter());
      checks.same(Kind.OBSERVATION, consultation.observations());
    }
  }

  /** The patient that an encounter belongs to at this server. */
  String patientOf(OpenMrsServer server, String encounter) throws IOException {
    return server.read("encounter/" + encounter + "?v=full").path("patient").path("uuid").asText();
  }

  /** Changes the number of a patient, as a clerk does. */
  void renumber(OpenMrsServer server, String patient, String identifierUuid, String number)
      throws IOException {
    server.change(
        "patient/" + patient + "/identifier", identifierUuid, Map.of("identifier", number));
  }

  /** A patient with a number of one's own choice. */
  record Numbered(String patient, String identifier, String number) {}

  /** Registers somebody under a number at this server. */
  Numbered register(OpenMrsServer server, String number) throws IOException {
    Documents documents = servers.documents();
    Map<String, Object> identifier = documents.identifier(number);
    String patient = server.create("patient", documents.patient(documents.person(), identifier));
    return new Numbered(patient, identifier.get("uuid").toString(), number);
  }
}
