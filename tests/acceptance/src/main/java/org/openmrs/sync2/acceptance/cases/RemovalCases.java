package org.openmrs.sync2.acceptance.cases;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.openmrs.sync2.acceptance.AcceptanceCase;
import org.openmrs.sync2.acceptance.CaseFailure;
import org.openmrs.sync2.acceptance.Editor;
import org.openmrs.sync2.acceptance.Kind;
import org.openmrs.sync2.acceptance.TwoServers;
import org.openmrs.sync2.acceptance.cases.Clinic.Consultation;

/** Removals that would take along what their author never saw. */
public final class RemovalCases {

  private static final int CONSULTATIONS_ELSEWHERE = 12;

  private RemovalCases() {}

  /** All of them. */
  public static List<AcceptanceCase> all() {
    return List.of(
        new AcceptanceCase(
            "clinic-patient-voided-there-kept", servers -> patientVoided(servers, "ours")),
        new AcceptanceCase(
            "clinic-patient-voided-there-applied", servers -> patientVoided(servers, "theirs")),
        new AcceptanceCase("clinic-visit-voided-there", servers -> visitVoided(servers, "ours")),
        new AcceptanceCase(
            "clinic-encounter-voided-there-kept", servers -> encounterVoided(servers, "ours")),
        new AcceptanceCase(
            "clinic-encounter-voided-there-applied", servers -> encounterVoided(servers, "theirs")),
        new AcceptanceCase("clinic-patient-voided-here", RemovalCases::patientVoidedHere),
        new AcceptanceCase("clinic-encounter-voided-here", RemovalCases::encounterVoidedHere),
        new AcceptanceCase("clinic-removal-known-whole", RemovalCases::knownWhole),
        new AcceptanceCase("clinic-data-for-voided-patient", RemovalCases::dataForVoidedPatient));
  }

  /** The parent voids a patient for whom the child has entered an encounter meanwhile. */
  private static void patientVoided(TwoServers servers, String choice) throws Exception {
    servers.pushing();
    Clinic clinic = new Clinic(servers);
    String patient = clinic.patientOnBoth();
    Consultation entered = clinic.consultation(servers.child(), patient);
    new Editor(servers).remove(Kind.PATIENT, patient);
    servers.synchronize();
    servers.push();
    servers.synchronize();
    clinic.live(servers.child(), entered);
    clinic.voidedMustBe(servers.child(), "patient/" + patient, false);
    String conflict = clinic.conflict(patient, List.of(entered.encounter()));
    servers.module().resolve(conflict, choice);
    clinic.exchangeAll();
    clinic.noConflict(patient);
    boolean kept = choice.equals("ours");
    clinic.voidedMustBe(servers.parent(), "patient/" + patient, !kept);
    clinic.voidedMustBe(servers.child(), "patient/" + patient, !kept);
    if (kept) {
      clinic.live(servers.parent(), entered);
      clinic.same(patient, entered);
    } else {
      clinic.voided(servers.child(), entered);
    }
  }

  /** The same of a visit with an encounter. */
  private static void visitVoided(TwoServers servers, String choice) throws Exception {
    servers.pushing();
    Clinic clinic = new Clinic(servers);
    String patient = clinic.patientOnBoth();
    String visit = servers.parent().create("visit", servers.documents().visit(patient));
    servers.synchronize();
    Map<String, Object> document = servers.documents().encounter(patient);
    document.put("visit", visit);
    Consultation entered = clinic.consultation(servers.child(), document);
    new Editor(servers).remove(Kind.VISIT, visit);
    servers.synchronize();
    servers.push();
    servers.synchronize();
    clinic.live(servers.child(), entered);
    String conflict = clinic.conflict(visit, List.of(entered.encounter()));
    servers.module().resolve(conflict, choice);
    clinic.exchangeAll();
    clinic.voidedMustBe(servers.parent(), "visit/" + visit, false);
    clinic.live(servers.parent(), entered);
    clinic.same(patient, entered);
  }

  /** The parent voids an encounter to which the child has added a result meanwhile. */
  private static void encounterVoided(TwoServers servers, String choice) throws Exception {
    servers.pushing();
    Clinic clinic = new Clinic(servers);
    String patient = clinic.patientOnBoth();
    Consultation known = clinic.consultation(servers.parent(), patient);
    servers.synchronize();
    String result = addResult(servers, patient, known.encounter());
    new Editor(servers).remove(Kind.ENCOUNTER, known.encounter());
    servers.synchronize();
    servers.push();
    servers.synchronize();
    clinic.live(servers.child(), known);
    clinic.voidedMustBe(servers.child(), "obs/" + result, false);
    String conflict = clinic.conflict(known.encounter(), List.of(result));
    servers.module().resolve(conflict, choice);
    clinic.exchangeAll();
    clinic.noConflict(known.encounter());
    boolean kept = choice.equals("ours");
    clinic.voidedMustBe(servers.parent(), "encounter/" + known.encounter(), !kept);
    clinic.voidedMustBe(servers.child(), "encounter/" + known.encounter(), !kept);
    clinic.voidedMustBe(servers.child(), "obs/" + result, !kept);
    if (kept) {
      clinic.live(servers.parent(), known);
      clinic.voidedMustBe(servers.parent(), "obs/" + result, false);
    }
  }

  private static String addResult(TwoServers servers, String patient, String encounter)
      throws Exception {
    Map<String, Object> result =
        servers.documents().observation(patient, servers.metadata().numeric(), 4.5);
    result.put("encounter", encounter);
    return servers.child().create("obs", result);
  }

  /** The child voids a patient by mistake; another clinic's encounters are at the parent only. */
  private static void patientVoidedHere(TwoServers servers) throws Exception {
    servers.pushing();
    Clinic clinic = new Clinic(servers);
    String patient = clinic.patientOnBoth();
    List<Consultation> elsewhere = new ArrayList<>();
    for (int number = 0; number < CONSULTATIONS_ELSEWHERE; number++) {
      elsewhere.add(clinic.consultation(servers.parent(), patient));
    }
    new Editor(servers, servers.child()).remove(Kind.PATIENT, patient);
    servers.push();
    for (Consultation consultation : elsewhere) {
      clinic.live(servers.parent(), consultation);
    }
    clinic.voidedMustBe(servers.parent(), "patient/" + patient, false);
    clinic.conflict(patient, List.of(elsewhere.get(0).encounter()));
    clinic.exchangeAll();
    for (Consultation consultation : elsewhere) {
      clinic.live(servers.parent(), consultation);
    }
  }

  /** The child voids an encounter to which the parent has added a result meanwhile. */
  private static void encounterVoidedHere(TwoServers servers) throws Exception {
    servers.pushing();
    Clinic clinic = new Clinic(servers);
    String patient = clinic.patientOnBoth();
    Consultation known = clinic.consultation(servers.parent(), patient);
    servers.synchronize();
    Map<String, Object> document =
        servers.documents().observation(patient, servers.metadata().numeric(), 4.5);
    document.put("encounter", known.encounter());
    String result = servers.parent().create("obs", document);
    new Editor(servers, servers.child()).remove(Kind.ENCOUNTER, known.encounter());
    servers.push();
    clinic.live(servers.parent(), known);
    clinic.voidedMustBe(servers.parent(), "obs/" + result, false);
    clinic.conflict(known.encounter(), List.of(result));
  }

  /** What its author knew whole is removed whole, in both directions, without a conflict. */
  private static void knownWhole(TwoServers servers) throws Exception {
    servers.pushing();
    Clinic clinic = new Clinic(servers);
    String pulled = clinic.patientOnBoth();
    Consultation there = clinic.consultation(servers.parent(), pulled);
    String pushed = clinic.patientOnBoth();
    Consultation here = clinic.consultation(servers.child(), pushed);
    clinic.exchangeAll();
    new Editor(servers).remove(Kind.PATIENT, pulled);
    new Editor(servers, servers.child()).remove(Kind.PATIENT, pushed);
    clinic.exchangeAll();
    clinic.noConflict(pulled);
    clinic.noConflict(pushed);
    clinic.voided(servers.child(), there);
    clinic.voided(servers.parent(), here);
    clinic.voidedMustBe(servers.parent(), "patient/" + pushed, true);
    clinic.voidedMustBe(servers.child(), "patient/" + pulled, true);
  }

  /** New data of the child for a patient who is voided at the parent is not taken live there. */
  private static void dataForVoidedPatient(TwoServers servers) throws Exception {
    servers.pushing();
    Clinic clinic = new Clinic(servers);
    String patient = clinic.patientOnBoth();
    new Editor(servers).remove(Kind.PATIENT, patient);
    Consultation entered = clinic.consultation(servers.child(), patient);
    servers.push();
    int status = servers.parent().getRest("encounter/" + entered.encounter() + "?v=full").status();
    CaseFailure.unless(
        status == 404, "the parent took an encounter of a voided patient: " + status);
    boolean told =
        !servers.module().parked(entered.encounter()).isEmpty()
            || !servers.module().conflicts(entered.encounter()).isEmpty();
    CaseFailure.unless(told, "nothing is said of " + entered.encounter());
    clinic.live(servers.child(), entered);
  }
}
