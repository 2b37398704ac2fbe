package org.openmrs.sync2.acceptance.cases;

import java.util.List;
import java.util.Map;
import org.openmrs.sync2.acceptance.AcceptanceCase;
import org.openmrs.sync2.acceptance.CaseFailure;
import org.openmrs.sync2.acceptance.Documents;
import org.openmrs.sync2.acceptance.Kind;
import org.openmrs.sync2.acceptance.TwoServers;
import org.openmrs.sync2.acceptance.cases.Clinic.Numbered;

/** What a clerk of the child finds by name and number as soon as it is pulled. */
public final class SearchCases {

  private SearchCases() {}

  /** All of them. */
  public static List<AcceptanceCase> all() {
    return List.of(
        new AcceptanceCase("clinic-searched-at-once", SearchCases::searchedAtOnce),
        new AcceptanceCase("clinic-renamed-searched", SearchCases::renamed),
        new AcceptanceCase("clinic-merged-searched", SearchCases::merged));
  }

  /** Who was pulled, who became a patient and whose number changed is found at once. */
  private static void searchedAtOnce(TwoServers servers) throws Exception {
    Documents documents = servers.documents();
    String family = newFamily(servers);
    Map<String, Object> person = documents.person();
    person.put("names", List.of(Documents.name("Amina", family)));
    String uuid = servers.parent().create("person", person);
    servers.synchronize(Kind.PERSON, uuid);
    Map<String, Object> identifier = documents.identifier(newNumber());
    identifier.put("preferred", true);
    servers.parent().create("patient", Map.of("person", uuid, "identifiers", List.of(identifier)));
    servers.synchronize(Kind.PATIENT, uuid);
    mustBeFound(servers, family, uuid);
    mustBeFound(servers, identifier.get("identifier").toString(), uuid);
    String changed = newNumber();
    new Clinic(servers)
        .renumber(servers.parent(), uuid, identifier.get("uuid").toString(), changed);
    servers.synchronize(Kind.PATIENT, uuid);
    mustBeFound(servers, changed, uuid);
    mustNotBeFound(servers, identifier.get("identifier").toString(), uuid);
  }

  /** A new name is found, the old one is not. */
  private static void renamed(TwoServers servers) throws Exception {
    String before = newFamily(servers);
    Numbered patient = named(servers, before);
    servers.synchronize();
    String name =
        servers
            .parent()
            .read("person/" + patient.patient() + "?v=full")
            .path("preferredName")
            .path("uuid")
            .asText();
    String family = newFamily(servers);
    servers
        .parent()
        .change("person/" + patient.patient() + "/name", name, Map.of("familyName", family));
    servers.synchronize();
    mustBeFound(servers, family, patient.patient());
    mustNotBeFound(servers, before, patient.patient());
  }

  /** The survivor of a merger is found by both numbers, the other one is not found any more. */
  private static void merged(TwoServers servers) throws Exception {
    Clinic clinic = new Clinic(servers);
    String family = newFamily(servers);
    Numbered survivor = named(servers, family);
    Numbered loser = named(servers, newFamily(servers));
    servers.synchronize();
    mustBeFound(servers, loser.number(), loser.patient());
    clinic.merge(servers.parent(), survivor.patient(), loser.patient());
    servers.synchronize();
    for (String words : List.of(family, survivor.number(), loser.number())) {
      mustBeFound(servers, words, survivor.patient());
      mustNotBeFound(servers, words, loser.patient());
    }
  }

  private static Numbered named(TwoServers servers, String family) throws Exception {
    Documents documents = servers.documents();
    String number = newNumber();
    Map<String, Object> identifier = documents.identifier(number);
    Map<String, Object> person = documents.person();
    person.put("names", List.of(Documents.name("Amina", family)));
    String patient = servers.parent().create("patient", documents.patient(person, identifier));
    return new Numbered(patient, identifier.get("uuid").toString(), number);
  }

  /**
   * A number that shares no word and no beginning with another one: OpenMRS splits what is searched
   * where letters and digits meet, and finds whoever has one of the words.
   */
  private static String newNumber() {
    StringBuilder letters = new StringBuilder();
    for (char hex : Documents.uuid().replace("-", "").toCharArray()) {
      letters.append((char) ('A' + Character.digit(hex, 16)));
    }
    return letters.toString();
  }

  /** Letters only, as OpenMRS's search splits names at what else there is. */
  private static String newFamily(TwoServers servers) {
    StringBuilder letters = new StringBuilder("Zq");
    for (char each : servers.names().next("f").toCharArray()) {
      if (Character.isDigit(each)) {
        letters.append((char) ('a' + each - '0'));
      } else if (Character.isLetter(each)) {
        letters.append(Character.toLowerCase(each));
      }
    }
    return letters.toString();
  }

  private static void mustBeFound(TwoServers servers, String words, String uuid) throws Exception {
    CaseFailure.unless(found(servers, words).contains(uuid), uuid + " is not found by " + words);
  }

  private static void mustNotBeFound(TwoServers servers, String words, String uuid)
      throws Exception {
    CaseFailure.unless(!found(servers, words).contains(uuid), uuid + " is found by " + words);
  }

  private static String found(TwoServers servers, String words) throws Exception {
    return servers.child().read("patient?q=" + words + "&v=default").toString();
  }
}
