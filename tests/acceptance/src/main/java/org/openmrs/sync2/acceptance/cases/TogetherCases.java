package org.openmrs.sync2.acceptance.cases;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.openmrs.sync2.acceptance.AcceptanceCase;
import org.openmrs.sync2.acceptance.CaseFailure;
import org.openmrs.sync2.acceptance.Documents;
import org.openmrs.sync2.acceptance.Kind;
import org.openmrs.sync2.acceptance.TwoServers;
import org.openmrs.sync2.acceptance.Way;
import org.openmrs.sync2.acceptance.cases.Clinic.Consultation;
import org.openmrs.sync2.acceptance.cases.Clinic.Numbered;
import org.openmrs.sync2.acceptance.server.OpenMrsServer;

/** Records of which each is refused without the other: numbers, visits, what a push needs first. */
public final class TogetherCases {

  private static final String OVERLAPPING = "systemsetting/visits.allowOverlappingVisits";
  private static final String TEN_DAYS_BEFORE = "2026-02-20T08:30:00.000+0000";
  private static final String TEN_DAYS_AFTER = "2026-03-12T08:30:00.000+0000";
  private static final int VISITS_CLOSED = 10;

  private TogetherCases() {}

  /** All of them. */
  public static List<AcceptanceCase> all() {
    return List.of(
        new AcceptanceCase("clinic-numbers-swapped", servers -> swapped(servers.pulling())),
        new AcceptanceCase("clinic-numbers-swapped-here", servers -> swapped(servers.pushing())),
        new AcceptanceCase("clinic-number-handed-on", servers -> handedOn(servers.pulling())),
        new AcceptanceCase("clinic-number-handed-on-here", servers -> handedOn(servers.pushing())),
        new AcceptanceCase("clinic-visit-moved-back", servers -> movedBack(servers.pulling())),
        new AcceptanceCase("clinic-visit-moved-back-here", servers -> movedBack(servers.pushing())),
        new AcceptanceCase("clinic-visit-moved-on", servers -> movedOn(servers.pulling())),
        new AcceptanceCase("clinic-visit-moved-on-here", servers -> movedOn(servers.pushing())),
        new AcceptanceCase("clinic-visit-split", servers -> split(servers.pulling())),
        new AcceptanceCase("clinic-visits-overlap", TogetherCases::overlapping),
        new AcceptanceCase("clinic-visits-closed-on-both", TogetherCases::closedOnBoth),
        new AcceptanceCase("clinic-push-brings-what-is-missing", TogetherCases::missingGoesFirst));
  }

  private static void swapped(Way way) throws Exception {
    Clinic clinic = new Clinic(way.servers());
    Numbered one = clinic.register(way.origin(), way.servers().names().next("CARD"));
    Numbered other = clinic.register(way.origin(), way.servers().names().next("CARD"));
    way.synchronize();
    String between = way.servers().names().next("CARD");
    clinic.renumber(way.origin(), one.patient(), one.identifier(), between);
    clinic.renumber(way.origin(), other.patient(), other.identifier(), one.number());
    clinic.renumber(way.origin(), one.patient(), one.identifier(), other.number());
    way.synchronize();
    clinic.nothingParked(one.patient());
    clinic.nothingParked(other.patient());
    way.checks().same(Kind.PATIENT, List.of(one.patient(), other.patient()));
  }

  /** The giver is edited once more after the taker. */
  private static void handedOn(Way way) throws Exception {
    Clinic clinic = new Clinic(way.servers());
    Numbered giver = clinic.register(way.origin(), way.servers().names().next("CARD"));
    Numbered taker = clinic.register(way.origin(), way.servers().names().next("CARD"));
    way.synchronize();
    String another = way.servers().names().next("CARD");
    clinic.renumber(way.origin(), giver.patient(), giver.identifier(), another);
    clinic.renumber(way.origin(), taker.patient(), taker.identifier(), giver.number());
    way.origin().change("person", giver.patient(), Map.of("birthdate", "1980-04-04"));
    way.synchronize();
    clinic.nothingParked(giver.patient());
    clinic.nothingParked(taker.patient());
    way.checks().same(Kind.PATIENT, List.of(giver.patient(), taker.patient()));
  }

  /** A patient's visit with an encounter, at both servers. */
  private record Visited(String patient, String visit, Consultation consultation) {}

  private static Visited visited(Way way) throws Exception {
    Documents documents = way.servers().documents();
    String patient = way.editor().patient();
    String visit = way.origin().create("visit", documents.visit(patient));
    Map<String, Object> encounter = documents.encounter(patient);
    encounter.put("visit", visit);
    Consultation consultation = new Clinic(way.servers()).consultation(way.origin(), encounter);
    way.synchronize();
    return new Visited(patient, visit, consultation);
  }

  private static void movedBack(Way way) throws Exception {
    Visited visited = visited(way);
    way.origin().change("visit", visited.visit(), Map.of("startDatetime", TEN_DAYS_BEFORE));
    date(way, visited.consultation().encounter(), TEN_DAYS_BEFORE);
    way.origin()
        .change("visit", visited.visit(), Map.of("stopDatetime", "2026-02-20T18:15:00.000+0000"));
    mustHaveTravelled(way, visited);
  }

  private static void movedOn(Way way) throws Exception {
    Visited visited = visited(way);
    date(way, visited.consultation().encounter(), TEN_DAYS_AFTER);
    way.origin().change("visit", visited.visit(), Map.of("startDatetime", TEN_DAYS_AFTER));
    mustHaveTravelled(way, visited);
  }

  private static void date(Way way, String encounter, String datetime) throws Exception {
    way.origin().change("encounter", encounter, Map.of("encounterDatetime", datetime));
  }

  private static void mustHaveTravelled(Way way, Visited visited) throws Exception {
    way.synchronize();
    Clinic clinic = new Clinic(way.servers());
    clinic.nothingParked(visited.visit());
    clinic.nothingParked(visited.consultation().encounter());
    way.checks().same(Kind.VISIT, visited.visit());
    way.checks().same(Kind.ENCOUNTER, visited.consultation().encounter());
  }

  /** The second encounter of a visit gets one of its own. */
  private static void split(Way way) throws Exception {
    Visited visited = visited(way);
    Documents documents = way.servers().documents();
    Map<String, Object> later = documents.encounter(visited.patient());
    later.put("visit", visited.visit());
    later.put("encounterDatetime", Documents.EVENING);
    Consultation second = new Clinic(way.servers()).consultation(way.origin(), later);
    way.synchronize();
    Map<String, Object> own = documents.visit(visited.patient());
    own.put("startDatetime", "2026-03-02T15:00:00.000+0000");
    String visit = way.origin().create("visit", own);
    way.origin().change("encounter", second.encounter(), Map.of("visit", visit));
    way.origin().change("visit", visited.visit(), Map.of("stopDatetime", Documents.NOON));
    mustHaveTravelled(way, visited);
    way.checks().same(Kind.VISIT, visit);
    way.checks().same(Kind.ENCOUNTER, second.encounter());
  }

  /** Neither server takes a second open visit from its own clerks; both have each other's. */
  private static void overlapping(TwoServers servers) throws Exception {
    servers.pushing();
    List<OpenMrsServer> both = List.of(servers.parent(), servers.child());
    for (OpenMrsServer server : both) {
      server.write(OVERLAPPING, Map.of("value", "false"));
    }
    try {
      Clinic clinic = new Clinic(servers);
      String patient = clinic.patientOnBoth();
      List<String> visits = new ArrayList<>();
      List<Consultation> consultations = new ArrayList<>();
      for (OpenMrsServer server : both) {
        String visit = server.create("visit", servers.documents().visit(patient));
        Map<String, Object> encounter = servers.documents().encounter(patient);
        encounter.put("visit", visit);
        visits.add(visit);
        consultations.add(clinic.consultation(server, encounter));
      }
      clinic.exchangeAll();
      for (OpenMrsServer server : both) {
        for (String visit : visits) {
          clinic.voidedMustBe(server, "visit/" + visit, false);
          clinic.nothingParked(visit);
        }
        for (Consultation consultation : consultations) {
          clinic.live(server, consultation);
        }
      }
      clinic.same(patient, consultations.toArray(new Consultation[0]));
    } finally {
      for (OpenMrsServer server : both) {
        server.write(OVERLAPPING, Map.of("value", "true"));
      }
    }
  }

  /** Both sides have closed the same visits a minute apart: nobody is asked. */
  private static void closedOnBoth(TwoServers servers) throws Exception {
    servers.pushing();
    Clinic clinic = new Clinic(servers);
    List<String> visits = new ArrayList<>();
    for (int number = 0; number < VISITS_CLOSED; number++) {
      String patient = clinic.patientOnBoth();
      visits.add(servers.parent().create("visit", servers.documents().visit(patient)));
    }
    servers.synchronize();
    for (String visit : visits) {
      servers.parent().change("visit", visit, Map.of("stopDatetime", Documents.EVENING));
      servers
          .child()
          .change("visit", visit, Map.of("stopDatetime", "2026-03-02T18:16:00.000+0000"));
    }
    servers.synchronize();
    clinic.exchangeAll();
    for (String visit : visits) {
      clinic.noConflict(visit);
      clinic.nothingParked(visit);
      String there = stopOf(servers.parent(), visit);
      String here = stopOf(servers.child(), visit);
      CaseFailure.unless(there.equals(here), visit + " stops at " + there + " and " + here);
    }
  }

  private static String stopOf(OpenMrsServer server, String visit) throws Exception {
    return server.read("visit/" + visit + "?v=full").path("stopDatetime").asText();
  }

  /** A location that the push's marker has passed while the category was off goes up by itself. */
  private static void missingGoesFirst(TwoServers servers) throws Exception {
    Way way = servers.pushing();
    servers.configure(servers.standard().withCategory("location", "push", false));
    String location = way.editor().create(Kind.LOCATION);
    servers.push();
    servers.configure(servers.standard());
    Map<String, Object> document = servers.documents().encounter(way.editor().patient());
    document.put("location", location);
    Consultation consultation = new Clinic(servers).consultation(servers.child(), document);
    servers.push();
    new Clinic(servers).nothingParked(consultation.encounter());
    way.checks().same(Kind.LOCATION, location);
    way.checks().same(Kind.ENCOUNTER, consultation.encounter());
  }
}
