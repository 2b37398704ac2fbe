package org.openmrs.sync2.acceptance.cases;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.openmrs.sync2.acceptance.AcceptanceCase;
import org.openmrs.sync2.acceptance.Checks;
import org.openmrs.sync2.acceptance.Documents;
import org.openmrs.sync2.acceptance.Editor;
import org.openmrs.sync2.acceptance.Kind;
import org.openmrs.sync2.acceptance.TwoServers;
import org.openmrs.sync2.acceptance.server.OpenMrsServer;

/** Edits of the parts of an object, some of which the parent tells of in feeds of their own. */
public final class PartCases {

  private PartCases() {}

  /** All of them. */
  public static List<AcceptanceCase> all() {
    return List.of(
        edit("patient-identifier-changed", Kind.PATIENT, PartCases::changeIdentifier),
        edit("patient-identifier-added", Kind.PATIENT, PartCases::addIdentifier),
        edit("patient-identifier-removed", Kind.PATIENT, PartCases::removeIdentifier),
        edit("patient-name-changed", Kind.PATIENT, PartCases::changeName),
        edit("patient-name-added", Kind.PATIENT, PartCases::addPreferredName),
        edit("patient-address-changed", Kind.PATIENT, PartCases::changeAddress),
        edit("patient-address-removed", Kind.PATIENT, PartCases::removeAddress),
        edit("patient-attribute-changed", Kind.PATIENT, PartCases::changePersonAttribute),
        edit("patient-attribute-removed", Kind.PATIENT, PartCases::removePersonAttribute),
        edit("person-name-changed", Kind.PERSON, PartCases::changeName),
        edit("person-address-changed", Kind.PERSON, PartCases::changeAddress),
        edit("person-attribute-changed", Kind.PERSON, PartCases::changePersonAttribute),
        new AcceptanceCase("patient-name-removed", PartCases::nameRemoved),
        edit("patient-died", Kind.PATIENT, PartCases::die),
        quietEdit("encounter-provider-role-changed", Kind.ENCOUNTER, PartCases::changeRole),
        edit("encounter-provider-added", Kind.ENCOUNTER, PartCases::addParticipant),
        quietEdit("encounter-provider-removed", Kind.ENCOUNTER, PartCases::removeParticipant),
        quietEdit("location-attribute-changed", Kind.LOCATION, PartCases::changeLocationAttribute),
        edit("location-tag-removed", Kind.LOCATION, PartCases::removeTags),
        quietEdit("visit-attribute-changed", Kind.VISIT, PartCases::changeVisitAttribute),
        quietEdit("provider-attribute-changed", Kind.PROVIDER, PartCases::changeProviderAttribute));
  }

  /** Edits an object at the parent. */
  @FunctionalInterface
  private interface Edit {
    void apply(TwoServers servers, String uuid) throws Exception;
  }

  /** An object is brought, edited, and must be the same again. */
  private static AcceptanceCase edit(String name, Kind kind, Edit edit) {
    return new AcceptanceCase(
        name,
        servers -> {
          String uuid = new Editor(servers).create(kind);
          servers.synchronize(kind, uuid);
          edit.apply(servers, uuid);
          servers.synchronize(kind, uuid);
          Checks.of(servers).same(kind, uuid);
        });
  }

  /**
   * The same where the parent may publish no event: OpenMRS's atomfeed module watches the rows of
   * an object and which parts it has, and parts only of the classes that have a feed
   * (HibernateEventInterceptor). The object then has to be pulled by name.
   */
  private static AcceptanceCase quietEdit(String name, Kind kind, Edit edit) {
    return new AcceptanceCase(
        name,
        servers -> {
          String uuid = new Editor(servers).create(kind);
          servers.synchronize(kind, uuid);
          Set<String> before = servers.feed().eventsOf(kind.category(), uuid);
          edit.apply(servers, uuid);
          servers.synchronize(kind, uuid);
          if (servers.feed().eventsOf(kind.category(), uuid).equals(before)) {
            servers.note("the parent publishes no event of this edit: pulled by name");
            servers.pullByName(kind, uuid);
          }
          Checks.of(servers).same(kind, uuid);
        });
  }

  private static void changeIdentifier(TwoServers servers, String patient) throws Exception {
    String identifier = firstPart(servers, "patient", patient, "identifiers");
    servers
        .parent()
        .change(
            "patient/" + patient + "/identifier",
            identifier,
            Map.of("identifier", servers.names().next("Changed")));
  }

  private static void addIdentifier(TwoServers servers, String patient) throws Exception {
    servers
        .parent()
        .create("patient/" + patient + "/identifier", servers.documents().newIdentifier());
  }

  private static void removeIdentifier(TwoServers servers, String patient) throws Exception {
    addIdentifier(servers, patient);
    servers.synchronize();
    for (String identifier : new Editor(servers).parts("patient", patient, "identifiers")) {
      OpenMrsServer parent = servers.parent();
      String path = "patient/" + patient + "/identifier";
      if (!parent.read(path + "/" + identifier).path("preferred").asBoolean()) {
        parent.remove(path, identifier);
      }
    }
  }

  private static void changeName(TwoServers servers, String person) throws Exception {
    String name = firstPart(servers, "person", person, "names");
    servers
        .parent()
        .change(
            "person/" + person + "/name",
            name,
            Map.of("givenName", "Changed", "familyName2", "Other", "degree", ""));
  }

  private static void addPreferredName(TwoServers servers, String person) throws Exception {
    Map<String, Object> name = Documents.name("Second", "Name");
    name.put("preferred", true);
    servers.parent().create("person/" + person + "/name", name);
  }

  /** The name is voided here too, and not only gone from the documents. */
  private static void nameRemoved(TwoServers servers) throws Exception {
    String patient = new Editor(servers).patient();
    String name =
        servers.parent().create("person/" + patient + "/name", Documents.name("Old", "Name"));
    servers.synchronize(Kind.PATIENT, patient);
    servers.parent().remove("person/" + patient + "/name", name);
    servers.synchronize(Kind.PATIENT, patient);
    Checks.of(servers).same(Kind.PATIENT, patient);
    Checks.of(servers).voidedPart("person/" + patient + "/name/" + name);
  }

  private static void changeAddress(TwoServers servers, String person) throws Exception {
    String address = firstPart(servers, "person", person, "addresses");
    servers
        .parent()
        .change(
            "person/" + person + "/address",
            address,
            Map.of("address1", "13 Hill Road", "postalCode", "10 201", "address5", "Fifth"));
  }

  private static void removeAddress(TwoServers servers, String person) throws Exception {
    String address = firstPart(servers, "person", person, "addresses");
    servers.parent().remove("person/" + person + "/address", address);
  }

  private static void changePersonAttribute(TwoServers servers, String person) throws Exception {
    String attribute = firstPart(servers, "person", person, "attributes");
    servers
        .parent()
        .change("person/" + person + "/attribute", attribute, Map.of("value", "second"));
  }

  private static void removePersonAttribute(TwoServers servers, String person) throws Exception {
    String attribute = firstPart(servers, "person", person, "attributes");
    servers.parent().remove("person/" + person + "/attribute", attribute);
  }

  private static void die(TwoServers servers, String patient) throws Exception {
    Map<String, Object> death =
        Map.of(
            "dead",
            true,
            "deathDate",
            "2026-04-01T00:00:00.000+0000",
            "causeOfDeath",
            servers.metadata().answer());
    servers.parent().change("person", patient, death);
  }

  private static void changeRole(TwoServers servers, String encounter) throws Exception {
    String participant = firstPart(servers, "encounter", encounter, "encounterProviders");
    servers
        .parent()
        .change(
            "encounter/" + encounter + "/encounterprovider",
            participant,
            Map.of("encounterRole", servers.metadata().otherEncounterRole()));
  }

  private static void addParticipant(TwoServers servers, String encounter) throws Exception {
    servers
        .parent()
        .create(
            "encounter/" + encounter + "/encounterprovider",
            servers.documents().participant(servers.metadata().otherEncounterRole()));
  }

  private static void removeParticipant(TwoServers servers, String encounter) throws Exception {
    String participant = firstPart(servers, "encounter", encounter, "encounterProviders");
    servers.parent().remove("encounter/" + encounter + "/encounterprovider", participant);
  }

  private static void changeLocationAttribute(TwoServers servers, String uuid) throws Exception {
    changeAttribute(servers, Kind.LOCATION, uuid, "three rooms");
  }

  private static void changeVisitAttribute(TwoServers servers, String uuid) throws Exception {
    changeAttribute(servers, Kind.VISIT, uuid, "came on foot");
  }

  private static void changeProviderAttribute(TwoServers servers, String uuid) throws Exception {
    changeAttribute(servers, Kind.PROVIDER, uuid, "day shift");
  }

  private static void changeAttribute(TwoServers servers, Kind kind, String uuid, String value)
      throws Exception {
    String attribute = firstPart(servers, kind.resource(), uuid, "attributes");
    servers
        .parent()
        .change(kind.resource() + "/" + uuid + "/attribute", attribute, Map.of("value", value));
  }

  private static void removeTags(TwoServers servers, String location) throws Exception {
    servers.parent().change("location", location, Map.of("tags", List.of()));
  }

  private static String firstPart(TwoServers servers, String resource, String uuid, String part)
      throws Exception {
    return new Editor(servers).parts(resource, uuid, part).get(0);
  }
}
