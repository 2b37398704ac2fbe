package org.openmrs.sync2.acceptance.cases;

import java.util.List;
import java.util.Map;
import org.openmrs.sync2.acceptance.AcceptanceCase;
import org.openmrs.sync2.acceptance.CaseFailure;
import org.openmrs.sync2.acceptance.Checks;
import org.openmrs.sync2.acceptance.Kind;
import org.openmrs.sync2.acceptance.TwoServers;
import org.openmrs.sync2.acceptance.cases.Clinic.Consultation;
import org.openmrs.sync2.acceptance.cases.Clinic.Numbered;
import org.openmrs.sync2.acceptance.server.OpenMrsServer;

/** Patients who are merged, and persons who were registered twice. */
public final class MergeCases {

  private MergeCases() {}

  /** All of them. */
  public static List<AcceptanceCase> all() {
    return List.of(
        new AcceptanceCase("clinic-merge-older-survives", servers -> mergedThere(servers, true)),
        new AcceptanceCase("clinic-merge-younger-survives", servers -> mergedThere(servers, false)),
        new AcceptanceCase("clinic-merge-one-by-one", MergeCases::mergedOneByOne),
        new AcceptanceCase("clinic-merge-here", MergeCases::mergedHere),
        new AcceptanceCase("clinic-merge-while-child-writes", MergeCases::mergedWhileChildWrites),
        new AcceptanceCase("clinic-registered-twice", MergeCases::registeredTwice));
  }

  /** Two patients with a number, a visit and an encounter each. */
  private record Two(Numbered older, Numbered younger, Consultation first, Consultation second) {}

  private static Two registerTwo(TwoServers servers, OpenMrsServer server) throws Exception {
    Clinic clinic = new Clinic(servers);
    Numbered older = clinic.register(server, servers.names().next("OLD"));
    Numbered younger = clinic.register(server, servers.names().next("NEW"));
    Consultation first = visited(servers, server, older.patient());
    Consultation second = visited(servers, server, younger.patient());
    return new Two(older, younger, first, second);
  }

  private static Consultation visited(TwoServers servers, OpenMrsServer server, String patient)
      throws Exception {
    String visit = server.create("visit", servers.documents().visit(patient));
    Map<String, Object> document = servers.documents().encounter(patient);
    document.put("visit", visit);
    return new Clinic(servers).consultation(server, document);
  }

  private static void mergedThere(TwoServers servers, boolean olderSurvives) throws Exception {
    Two two = registerTwo(servers, servers.parent());
    servers.synchronize();
    String survivor = (olderSurvives ? two.older() : two.younger()).patient();
    String loser = (olderSurvives ? two.younger() : two.older()).patient();
    new Clinic(servers).merge(servers.parent(), survivor, loser);
    servers.synchronize();
    mustBeOne(servers, servers.child(), two, survivor, loser);
  }

  private static void mergedOneByOne(TwoServers servers) throws Exception {
    servers.configure(servers.standard().with("transfer", "batchSize", 1));
    mergedThere(servers, true);
  }

  private static void mergedHere(TwoServers servers) throws Exception {
    servers.pushing();
    Two two = registerTwo(servers, servers.parent());
    servers.synchronize();
    String survivor = two.older().patient();
    String loser = two.younger().patient();
    new Clinic(servers).merge(servers.child(), survivor, loser);
    servers.push();
    mustBeOne(servers, servers.parent(), two, survivor, loser);
  }

  /** The survivor has both numbers and all clinical data, the loser is voided, nothing waits. */
  private static void mustBeOne(
      TwoServers servers, OpenMrsServer there, Two two, String survivor, String loser)
      throws Exception {
    Clinic clinic = new Clinic(servers);
    for (String patient : List.of(survivor, loser)) {
      clinic.nothingParked(patient);
      clinic.noConflict(patient);
    }
    List<String> numbers = clinic.numbers(there, survivor);
    for (Numbered one : List.of(two.older(), two.younger())) {
      CaseFailure.unless(numbers.contains(one.number()), one.number() + " is not among " + numbers);
    }
    clinic.voidedMustBe(there, "patient/" + loser, true);
    for (Consultation consultation : List.of(two.first(), two.second())) {
      // Its observations OpenMRS replaces when their person changes; that they are alike is
      // compared.
      clinic.voidedMustBe(there, "encounter/" + consultation.encounter(), false);
      String owner = clinic.patientOf(there, consultation.encounter());
      CaseFailure.unless(owner.equals(survivor), consultation.encounter() + " belongs to " + owner);
    }
    clinic.same(survivor, two.first(), two.second());
  }

  /** The child pushes an encounter of the loser before it has pulled the merge. */
  private static void mergedWhileChildWrites(TwoServers servers) throws Exception {
    servers.pushing();
    Clinic clinic = new Clinic(servers);
    String loser = clinic.patientOnBoth();
    String survivor = clinic.patientOnBoth();
    Consultation entered = clinic.consultation(servers.child(), loser);
    clinic.merge(servers.parent(), survivor, loser);
    servers.push();
    servers.synchronize();
    servers.push();
    servers.synchronize();
    clinic.live(servers.child(), entered);
    boolean moved =
        servers.parent().getRest("encounter/" + entered.encounter()).ok()
            && clinic.patientOf(servers.parent(), entered.encounter()).equals(survivor);
    if (!moved) {
      clinic.conflict(loser, List.of(entered.encounter()));
    }
  }

  /** One woman, one national number, both sites: the newcomer comes without the number. */
  private static void registeredTwice(TwoServers servers) throws Exception {
    servers.pushing();
    Clinic clinic = new Clinic(servers);
    String number = servers.names().next("NATIONAL");
    Numbered there = clinic.register(servers.parent(), number);
    Consultation atParent = clinic.consultation(servers.parent(), there.patient());
    Numbered here = clinic.register(servers.child(), number);
    Consultation atChild = clinic.consultation(servers.child(), here.patient());
    clinic.exchangeAll();
    Checks.of(servers).present(Kind.PATIENT, there.patient());
    Checks.atParent(servers).present(Kind.PATIENT, here.patient());
    Checks.of(servers).audited(there.patient(), "PARTIAL");
    clinic.live(servers.child(), atParent);
    clinic.live(servers.parent(), atChild);
    CaseFailure.unless(
        clinic.numbers(servers.child(), here.patient()).contains(number),
        "the child's own patient has lost the number");
    CaseFailure.unless(
        clinic.numbers(servers.parent(), there.patient()).contains(number),
        "the parent's own patient has lost the number");
    clinic.merge(servers.parent(), there.patient(), here.patient());
    clinic.exchangeAll();
    for (OpenMrsServer server : List.of(servers.parent(), servers.child())) {
      clinic.voidedMustBe(server, "patient/" + here.patient(), true);
      clinic.voidedMustBe(server, "encounter/" + atParent.encounter(), false);
      clinic.voidedMustBe(server, "encounter/" + atChild.encounter(), false);
      CaseFailure.unless(
          clinic.numbers(server, there.patient()).contains(number),
          "the number is not with the survivor at " + server.base());
    }
    servers.note("steps of a clerk: the merge, on one page of one server");
  }
}
