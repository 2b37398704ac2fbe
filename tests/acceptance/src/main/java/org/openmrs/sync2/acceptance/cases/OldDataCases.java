package org.openmrs.sync2.acceptance.cases;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.openmrs.sync2.acceptance.AcceptanceCase;
import org.openmrs.sync2.acceptance.CaseFailure;
import org.openmrs.sync2.acceptance.CaseSkipped;
import org.openmrs.sync2.acceptance.Checks;
import org.openmrs.sync2.acceptance.Documents;
import org.openmrs.sync2.acceptance.Editor;
import org.openmrs.sync2.acceptance.Kind;
import org.openmrs.sync2.acceptance.TwoServers;
import org.openmrs.sync2.acceptance.cases.Clinic.Consultation;
import org.openmrs.sync2.acceptance.compare.Database;

/** What the parent holds although today's rules of data entry refuse it. Made by SQL there. */
public final class OldDataCases {

  private OldDataCases() {}

  /** All of them. */
  public static List<AcceptanceCase> all() {
    return List.of(
        new AcceptanceCase(
            "clinic-old-no-identifier",
            servers ->
                patient(
                    servers,
                    "UPDATE patient_identifier SET voided = 1, voided_by = 1, date_voided = NOW(),"
                        + " void_reason = 'old' WHERE patient_id = (SELECT person_id FROM person"
                        + " WHERE uuid = ?)")),
        new AcceptanceCase(
            "clinic-old-no-gender",
            servers -> patient(servers, "UPDATE person SET gender = '' WHERE uuid = ?")),
        new AcceptanceCase(
            "clinic-old-born-1870",
            servers ->
                patient(servers, "UPDATE person SET birthdate = '1870-01-01' WHERE uuid = ?")),
        new AcceptanceCase(
            "clinic-old-name-not-preferred",
            servers ->
                notPreferred(
                    servers,
                    "UPDATE person_name SET preferred = 0 WHERE person_id = (SELECT person_id FROM"
                        + " person WHERE uuid = ?)")),
        new AcceptanceCase(
            "clinic-old-address-not-preferred",
            servers ->
                notPreferred(
                    servers,
                    "UPDATE person_address SET preferred = 0 WHERE person_id = (SELECT person_id"
                        + " FROM person WHERE uuid = ?)")),
        new AcceptanceCase("clinic-old-encounter-outside-visit", OldDataCases::outsideVisit),
        new AcceptanceCase("clinic-old-number-out-of-range", OldDataCases::outOfRange),
        new AcceptanceCase("clinic-old-identifier-format", OldDataCases::identifierFormat),
        new AcceptanceCase("clinic-old-required-type-missing", OldDataCases::requiredType),
        new AcceptanceCase("clinic-old-check-digit", OldDataCases::checkDigit),
        new AcceptanceCase("clinic-old-strict", OldDataCases::strict),
        new AcceptanceCase("clinic-retired-provider", OldDataCases::retiredProvider),
        new AcceptanceCase("clinic-encounter-in-ten-minutes", OldDataCases::inTenMinutes),
        new AcceptanceCase("clinic-visit-voided-under-encounter", OldDataCases::visitVoided),
        new AcceptanceCase("clinic-encounter-of-voided-patient", OldDataCases::patientVoided),
        new AcceptanceCase("clinic-visit-to-another-patient", OldDataCases::toAnotherPatient));
  }

  private static Database parentDatabase(TwoServers servers) {
    return servers
        .databases()
        .orElseThrow(() -> new CaseSkipped("needs --parent-jdbc and --child-jdbc"))
        .parent();
  }

  /** A patient of whom this statement makes one that could not be registered today. */
  private static void patient(TwoServers servers, String statement) throws Exception {
    Database database = parentDatabase(servers);
    String patient = new Editor(servers).patient();
    servers.feed().awaitEverything();
    database.edit(statement, patient);
    servers.pullByName(Kind.PATIENT, patient);
    mustBeHere(servers, Kind.PATIENT, patient);
  }

  /**
   * OpenMRS prefers a sole name or address when it saves it. Nothing is lost by that: it is no
   * partial application, nobody is asked, and the parent is not told.
   */
  private static void notPreferred(TwoServers servers, String statement) throws Exception {
    Database database = parentDatabase(servers);
    Clinic clinic = new Clinic(servers);
    String patient = new Editor(servers).patient();
    servers.feed().awaitEverything();
    database.edit(statement, patient);
    servers.synchronize();
    Checks checks = Checks.of(servers);
    checks.present(Kind.PATIENT, patient);
    clinic.nothingParked(patient);
    checks.audited(patient, "APPLIED");
    servers.parent().change("person", patient, Map.of("birthdate", "1985-06-18"));
    servers.synchronize();
    clinic.noConflict(patient);
    checks.audited(patient, "APPLIED");
  }

  private static void mustBeHere(TwoServers servers, Kind kind, String uuid) throws Exception {
    Clinic clinic = new Clinic(servers);
    clinic.nothingParked(uuid);
    clinic.noConflict(uuid);
    Checks.of(servers).same(kind, uuid);
  }

  private static void outsideVisit(TwoServers servers) throws Exception {
    Database database = parentDatabase(servers);
    String patient = new Editor(servers).patient();
    Map<String, Object> visit = servers.documents().visit(patient);
    visit.put("stopDatetime", Documents.EVENING);
    Map<String, Object> encounter = servers.documents().encounter(patient);
    encounter.put("visit", servers.parent().create("visit", visit));
    Consultation consultation = new Clinic(servers).consultation(servers.parent(), encounter);
    database.edit(
        "UPDATE encounter SET encounter_datetime = '2025-11-01 10:00:00' WHERE uuid = ?",
        consultation.encounter());
    servers.synchronize();
    mustBeHere(servers, Kind.ENCOUNTER, consultation.encounter());
  }

  private static void outOfRange(TwoServers servers) throws Exception {
    Database database = parentDatabase(servers);
    String concept = servers.metadata().numeric();
    String patient = new Editor(servers).patient();
    // At both, as each server makes the range anew that it keeps with an observation.
    limit(servers, concept, 100.0);
    try {
      String observation = new Editor(servers).observation(patient, 61.5);
      database.edit("UPDATE obs SET value_numeric = 900 WHERE uuid = ?", observation);
      servers.synchronize();
      mustBeHere(servers, Kind.OBSERVATION, observation);
    } finally {
      limit(servers, concept, null);
    }
  }

  private static void limit(TwoServers servers, String concept, Double highest) throws Exception {
    // Map.of holds no null.
    Map<String, Object> change = Collections.singletonMap("hiAbsolute", highest);
    servers.parent().change("concept", concept, change);
    servers.child().change("concept", concept, change);
  }

  private static void identifierFormat(TwoServers servers) throws Exception {
    StrictIdentifierType type = StrictIdentifierType.on(servers.pulling());
    String patient = type.newPatient();
    servers.synchronize();
    mustBeHere(servers, Kind.PATIENT, patient);
    type.relax();
  }

  /** This server wants an identifier of a type that the patient does not have. */
  private static void requiredType(TwoServers servers) throws Exception {
    String type =
        servers.child().create("patientidentifiertype", servers.documents().named("Must"));
    servers.child().change("patientidentifiertype", type, Map.of("required", true));
    try {
      String patient = new Editor(servers).patient();
      servers.synchronize();
      mustBeHere(servers, Kind.PATIENT, patient);
    } finally {
      servers.child().change("patientidentifiertype", type, Map.of("required", false));
    }
  }

  /** An identifier of OpenMRS's own type, whose check digit is wrong. */
  private static void checkDigit(TwoServers servers) throws Exception {
    patient(
        servers,
        "UPDATE patient_identifier SET identifier_type = (SELECT patient_identifier_type_id FROM"
            + " patient_identifier_type WHERE uuid = '8d793bee-c2cc-11de-8d13-0010c6dffd0f')"
            + " WHERE patient_id = (SELECT person_id FROM person WHERE uuid = ?)");
  }

  /** Where rules are strict they wait, as one cause, and one action releases all of them. */
  private static void strict(TwoServers servers) throws Exception {
    StrictIdentifierType type = StrictIdentifierType.on(servers.pulling());
    servers.configure(servers.standard().withCategory("patient", "validation", "strict"));
    List<String> patients = List.of(type.newPatient(), type.newPatient());
    servers.synchronize();
    Checks checks = Checks.of(servers);
    List<String> waiting = new ArrayList<>();
    for (String patient : patients) {
      waiting.add(checks.parked(patient, "Rejected").path("auditUuid").asText());
    }
    JsonNode cause = servers.module().causeOf(waiting.get(0));
    for (String one : waiting) {
      CaseFailure.unless(
          cause.path("auditUuids").toString().contains(one),
          one + " is not of one cause: " + cause);
    }
    type.relax();
    servers.module().retryAll(Map.of("category", "patient", "kind", "Rejected"));
    for (String patient : patients) {
      mustBeHere(servers, Kind.PATIENT, patient);
    }
  }

  private static void retiredProvider(TwoServers servers) throws Exception {
    Editor editor = new Editor(servers);
    String provider = editor.create(Kind.PROVIDER);
    String patient = editor.patient();
    Map<String, Object> encounter = servers.documents().encounter(patient);
    encounter.put(
        "encounterProviders",
        List.of(
            Documents.document(
                Map.entry("uuid", Documents.uuid()),
                Map.entry("provider", provider),
                Map.entry("encounterRole", servers.metadata().encounterRole()))));
    Consultation consultation = new Clinic(servers).consultation(servers.parent(), encounter);
    editor.remove(Kind.PROVIDER, provider);
    servers.synchronize();
    if (servers.travelsAsFhir(Kind.PROVIDER)) {
      // In FHIR nobody can read who is retired: the encounter is here without that provider.
      mustBeHereWithout(servers, provider, consultation);
    } else {
      mustBeHere(servers, Kind.ENCOUNTER, consultation.encounter());
    }
  }

  private static void mustBeHereWithout(
      TwoServers servers, String provider, Consultation consultation) throws Exception {
    Clinic clinic = new Clinic(servers);
    clinic.nothingParked(consultation.encounter());
    clinic.live(servers.child(), consultation);
    JsonNode newest = Checks.of(servers).newestAudit(consultation.encounter());
    CaseFailure.unless(
        newest.path("status").asText().equals("PARTIAL")
            && newest.path("detail").toString().contains(provider),
        "the audit does not say that the provider is missing: " + newest);
  }

  /** What the parent's clock calls now, a slow clock of the child calls the future. */
  private static void inTenMinutes(TwoServers servers) throws Exception {
    Database database = parentDatabase(servers);
    Consultation consultation =
        new Clinic(servers).consultation(servers.parent(), new Editor(servers).patient());
    String soon =
        Instant.now().plus(10, ChronoUnit.MINUTES).truncatedTo(ChronoUnit.SECONDS).toString();
    database.edit(
        "UPDATE encounter SET encounter_datetime = '"
            + soon.replace('T', ' ').replace("Z", "")
            + "' WHERE uuid = ?",
        consultation.encounter());
    servers.synchronize();
    mustBeHere(servers, Kind.ENCOUNTER, consultation.encounter());
  }

  /** The encounter is here without its visit, or words say what to repair there. */
  private static void visitVoided(TwoServers servers) throws Exception {
    Database database = parentDatabase(servers);
    String patient = new Editor(servers).patient();
    String visit = servers.parent().create("visit", servers.documents().visit(patient));
    Map<String, Object> encounter = servers.documents().encounter(patient);
    encounter.put("visit", visit);
    Consultation consultation = new Clinic(servers).consultation(servers.parent(), encounter);
    database.edit(
        "UPDATE visit SET voided = 1, voided_by = 1, date_voided = NOW(), void_reason = 'old'"
            + " WHERE uuid = ?",
        visit);
    servers.synchronize();
    servers.synchronize();
    boolean here = servers.child().getRest("encounter/" + consultation.encounter()).ok();
    if (here) {
      new Clinic(servers).live(servers.child(), consultation);
      Checks.of(servers).audited(consultation.encounter(), "PARTIAL");
    } else {
      String told = servers.module().parked(consultation.encounter()).toString();
      CaseFailure.unless(
          told.contains(visit) && told.contains("parent"), "the words do not help: " + told);
    }
  }

  /** The patient was voided there by SQL, her encounter was not. */
  private static void patientVoided(TwoServers servers) throws Exception {
    Database database = parentDatabase(servers);
    String patient = new Editor(servers).patient();
    Consultation consultation = new Clinic(servers).consultation(servers.parent(), patient);
    for (String table : List.of("patient", "person")) {
      String key = table + "_id";
      database.edit(
          "UPDATE "
              + table
              + " SET voided = 1, voided_by = 1, date_voided = NOW(), void_reason = 'old' WHERE "
              + key
              + " = (SELECT person_id FROM (SELECT person_id FROM person WHERE uuid = ?) one)",
          patient);
    }
    servers.synchronize();
    servers.synchronize();
    if (servers.child().getRest("encounter/" + consultation.encounter()).ok()) {
      Checks.of(servers).audited(consultation.encounter(), "PARTIAL");
      return;
    }
    String told = servers.module().parked(consultation.encounter()).toString();
    CaseFailure.unless(
        told.contains(patient) && told.contains("parent"), "the words do not help: " + told);
  }

  /**
   * A visit and its encounter turn out to be somebody else's. REST changes no patient of a visit.
   */
  private static void toAnotherPatient(TwoServers servers) throws Exception {
    Database database = parentDatabase(servers);
    Clinic clinic = new Clinic(servers);
    String wrong = clinic.patientOnBoth();
    String right = clinic.patientOnBoth();
    String visit = servers.parent().create("visit", servers.documents().visit(wrong));
    Map<String, Object> encounter = servers.documents().encounter(wrong);
    encounter.put("visit", visit);
    String moved = servers.parent().create("encounter", encounter);
    servers.synchronize();
    String toThe = " SET patient_id = (SELECT person_id FROM person WHERE uuid = '" + right + "')";
    database.edit("UPDATE visit" + toThe + " WHERE uuid = ?", visit);
    database.edit("UPDATE encounter" + toThe + " WHERE uuid = ?", moved);
    // OpenMRS tells of what is edited through it.
    servers.parent().change("encounter", moved, Map.of("encounterDatetime", Documents.NOON));
    servers.parent().change("visit", visit, Map.of("stopDatetime", Documents.EVENING));
    servers.synchronize();
    mustBeHere(servers, Kind.VISIT, visit);
    mustBeHere(servers, Kind.ENCOUNTER, moved);
    String owner = clinic.patientOf(servers.child(), moved);
    CaseFailure.unless(owner.equals(right), "the encounter belongs to " + owner);
  }
}
