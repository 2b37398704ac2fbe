package org.openmrs.sync2.acceptance.cases;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.List;
import java.util.Map;
import org.openmrs.sync2.acceptance.AcceptanceCase;
import org.openmrs.sync2.acceptance.CaseFailure;
import org.openmrs.sync2.acceptance.CaseSkipped;
import org.openmrs.sync2.acceptance.Documents;
import org.openmrs.sync2.acceptance.Kind;
import org.openmrs.sync2.acceptance.TwoServers;
import org.openmrs.sync2.acceptance.Way;
import org.openmrs.sync2.acceptance.server.OpenMrsServer;

/**
 * Servers in two time zones: what has no zone is the same in the forms of both, what has one is the
 * same moment. They are skipped where both servers are in one zone: start one of them with {@code
 * -Duser.timezone=Africa/Nairobi}.
 */
public final class ZoneCases {

  private static final String DAY = "2026-03-02";

  /** As OpenMRS's REST module writes it, such as {@code 2026-03-02T00:40:00.000+0300}. */
  private static final DateTimeFormatter MOMENT =
      new DateTimeFormatterBuilder()
          .append(DateTimeFormatter.ISO_LOCAL_DATE_TIME)
          .appendPattern("XX")
          .toFormatter();

  private ZoneCases() {}

  /** All of them. */
  public static List<AcceptanceCase> all() {
    return List.of(
        new AcceptanceCase("clinic-zones-values", servers -> values(servers.pulling())),
        new AcceptanceCase("clinic-zones-values-here", servers -> values(servers.pushing())),
        new AcceptanceCase("clinic-zones-newborn", servers -> newborn(servers.pulling())),
        new AcceptanceCase("clinic-zones-newborn-here", servers -> newborn(servers.pushing())));
  }

  private static void zonesMustDiffer(TwoServers servers) throws Exception {
    String there = zoneOf(servers.parent());
    String here = zoneOf(servers.child());
    if (there.equals(here)) {
      throw new CaseSkipped("needs servers in two time zones; both are in " + here);
    }
    servers.note("the parent is in " + there + ", the child in " + here);
  }

  private static String zoneOf(OpenMrsServer server) throws Exception {
    return server
        .read("systeminformation")
        .findValue("SystemInfo.JavaRuntimeEnv.systemTimezone")
        .asText();
  }

  /** A date, a time of day and a moment. */
  private static void values(Way way) throws Exception {
    TwoServers servers = way.servers();
    zonesMustDiffer(servers);
    String patient = way.editor().patient();
    String day = observe(way, patient, servers.metadata().day(), DAY);
    String time = observe(way, patient, servers.metadata().timeOfDay(), "08:30:00");
    String moment = observe(way, patient, servers.metadata().time(), Documents.NOON);
    way.synchronize();
    for (String observation : List.of(day, time, moment)) {
      new Clinic(servers).nothingParked(observation);
      way.checks().audited(observation, "APPLIED");
    }
    dayMustBe(way.origin(), day);
    dayMustBe(way.destination(), day);
    timeMustBe(way.origin(), time);
    timeMustBe(way.destination(), time);
    momentMustBe(way.origin(), moment);
    momentMustBe(way.destination(), moment);
    unchangedOnTheWayBack(servers, day);
  }

  private static String observe(Way way, String patient, String concept, String value)
      throws Exception {
    return way.origin()
        .create("obs", way.servers().documents().observation(patient, concept, value));
  }

  private static void dayMustBe(OpenMrsServer server, String observation) throws Exception {
    String shown = valueOf(server, observation);
    CaseFailure.unless(shown.startsWith(DAY), "the day is " + shown + " at " + server.base());
  }

  private static void timeMustBe(OpenMrsServer server, String observation) throws Exception {
    String shown = valueOf(server, observation);
    CaseFailure.unless(
        shown.contains("08:30:00"), "the time of day is " + shown + " at " + server.base());
  }

  private static void momentMustBe(OpenMrsServer server, String observation) throws Exception {
    String shown = valueOf(server, observation);
    boolean same = instant(shown).isEqual(instant(Documents.NOON));
    CaseFailure.unless(same, "the moment is " + shown + " at " + server.base());
  }

  private static OffsetDateTime instant(String text) {
    return OffsetDateTime.parse(text, MOMENT);
  }

  private static String valueOf(OpenMrsServer server, String observation) throws Exception {
    return server.read("obs/" + observation + "?v=full").path("value").asText();
  }

  /** Neither side takes the other's notation for a change. */
  private static void unchangedOnTheWayBack(TwoServers servers, String observation)
      throws Exception {
    servers.synchronize();
    new Clinic(servers).noConflict(observation);
    for (JsonNode message : servers.module().audit(observation)) {
      String status = message.path("status").asText();
      CaseFailure.unless(
          List.of("APPLIED", "UNCHANGED", "COALESCED").contains(status),
          "the audit says " + status + " of " + observation);
    }
  }

  /** Born at home, seen at 00:40 in Nairobi: in UTC that is the day before. */
  private static void newborn(Way way) throws Exception {
    TwoServers servers = way.servers();
    zonesMustDiffer(servers);
    Documents documents = servers.documents();
    Map<String, Object> person = documents.person();
    person.put("birthdate", DAY);
    String patient =
        way.origin().create("patient", documents.patient(person, documents.newIdentifier()));
    String seen = firstMinutesOf(way.origin());
    Map<String, Object> visit = documents.visit(patient);
    visit.put("startDatetime", seen);
    String visitUuid = way.origin().create("visit", visit);
    Map<String, Object> encounter = documents.encounter(patient);
    encounter.put("visit", visitUuid);
    encounter.put("encounterDatetime", seen);
    String encounterUuid = way.origin().create("encounter", encounter);
    way.synchronize();
    for (String uuid : List.of(patient, visitUuid, encounterUuid)) {
      new Clinic(servers).nothingParked(uuid);
    }
    way.checks().present(Kind.VISIT, visitUuid);
    String arrived =
        way.destination().read("encounter/" + encounterUuid).path("encounterDatetime").asText();
    CaseFailure.unless(
        instant(arrived).isEqual(instant(seen)), "seen at " + arrived + " instead of " + seen);
    String born = way.destination().read("person/" + patient).path("birthdate").asText();
    CaseFailure.unless(born.startsWith(DAY), "born on " + born);
  }

  /** 00:40 of the day, where this server is. */
  private static String firstMinutesOf(OpenMrsServer server) throws Exception {
    return LocalDate.parse(DAY)
        .atTime(0, 40)
        .atZone(ZoneId.of(zoneOf(server)))
        .format(DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSZ"));
  }
}
