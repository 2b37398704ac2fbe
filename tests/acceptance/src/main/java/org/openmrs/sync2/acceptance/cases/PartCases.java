package org.openmrs.sync2.acceptance.cases;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.openmrs.sync2.acceptance.AcceptanceCase;
import org.openmrs.sync2.acceptance.Documents;
import org.openmrs.sync2.acceptance.Kind;
import org.openmrs.sync2.acceptance.TwoServers;
import org.openmrs.sync2.acceptance.Way;
import org.openmrs.sync2.acceptance.server.OpenMrsServer;

/** Edits of the parts of an object, some of which the parent tells of in feeds of their own. */
public final class PartCases {

  private static final List<Part> PARTS =
      List.of(
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
          new Part("patient-name-removed", PartCases::nameRemoved),
          new Part("patient-died", PartCases::died),
          quietEdit("encounter-provider-role-changed", Kind.ENCOUNTER, PartCases::changeRole),
          edit("encounter-provider-added", Kind.ENCOUNTER, PartCases::addParticipant),
          quietEdit("encounter-provider-removed", Kind.ENCOUNTER, PartCases::removeParticipant),
          quietEdit(
              "location-attribute-changed", Kind.LOCATION, PartCases::changeLocationAttribute),
          edit("location-tag-removed", Kind.LOCATION, PartCases::removeTags),
          quietEdit("visit-attribute-changed", Kind.VISIT, PartCases::changeVisitAttribute),
          quietEdit(
              "provider-attribute-changed", Kind.PROVIDER, PartCases::changeProviderAttribute));

  private PartCases() {}

  /** All of them: edited at the parent, and pulled. */
  public static List<AcceptanceCase> all() {
    return cases("", TwoServers::pulling);
  }

  /** The same edited at the child, and pushed. */
  static List<AcceptanceCase> pushed() {
    return cases("push-", TwoServers::pushing);
  }

  private static List<AcceptanceCase> cases(String prefix, Function<TwoServers, Way> way) {
    return PARTS.stream()
        .map(part -> new AcceptanceCase(prefix + part.name(), on -> part.body().run(way.apply(on))))
        .toList();
  }

  /**
   * A case whatever way its object travels.
   *
   * @param name of the case
   */
  private record Part(String name, Body body) {}

  /** What is done and looked at. */
  @FunctionalInterface
  private interface Body {
    void run(Way way) throws Exception;
  }

  /** An object is brought, edited, and must be the same again. */
  private static Part edit(String name, Kind kind, Way.Edit edit) {
    return new Part(
        name,
        way -> {
          String uuid = brought(way, kind);
          way.edit(kind, uuid, edit);
          way.checks().same(kind, uuid);
        });
  }

  /** The same where the parent may publish no event. */
  private static Part quietEdit(String name, Kind kind, Way.Edit edit) {
    return new Part(
        name,
        way -> {
          String uuid = brought(way, kind);
          way.editQuietly(kind, uuid, edit);
          way.checks().same(kind, uuid);
        });
  }

  private static String brought(Way way, Kind kind) throws Exception {
    String uuid = way.editor().create(kind);
    way.synchronize(kind, uuid);
    return uuid;
  }

  private static void changeIdentifier(Way way, String patient) throws Exception {
    String identifier = firstPart(way, "patient", patient, "identifiers");
    way.origin()
        .change(
            "patient/" + patient + "/identifier",
            identifier,
            Map.of("identifier", way.editor().names().next("Changed")));
  }

  private static void addIdentifier(Way way, String patient) throws Exception {
    way.origin()
        .create("patient/" + patient + "/identifier", way.editor().documents().newIdentifier());
  }

  private static void removeIdentifier(Way way, String patient) throws Exception {
    addIdentifier(way, patient);
    way.synchronize();
    for (String identifier : way.editor().parts("patient", patient, "identifiers")) {
      OpenMrsServer origin = way.origin();
      String path = "patient/" + patient + "/identifier";
      if (!origin.read(path + "/" + identifier).path("preferred").asBoolean()) {
        origin.remove(path, identifier);
      }
    }
  }

  private static void changeName(Way way, String person) throws Exception {
    String name = firstPart(way, "person", person, "names");
    way.origin()
        .change(
            "person/" + person + "/name",
            name,
            Map.of("givenName", "Changed", "familyName2", "Other", "degree", ""));
  }

  private static void addPreferredName(Way way, String person) throws Exception {
    Map<String, Object> name = Documents.name("Second", "Name");
    name.put("preferred", true);
    way.origin().create("person/" + person + "/name", name);
  }

  /** The name is voided there too, and not only gone from the documents. */
  private static void nameRemoved(Way way) throws Exception {
    String patient = way.editor().patient();
    String name = way.origin().create("person/" + patient + "/name", Documents.name("Old", "Name"));
    way.synchronize(Kind.PATIENT, patient);
    way.origin().remove("person/" + patient + "/name", name);
    way.synchronize(Kind.PATIENT, patient);
    way.checks().same(Kind.PATIENT, patient);
    way.checks().voidedPart("person/" + patient + "/name/" + name);
  }

  private static void changeAddress(Way way, String person) throws Exception {
    String address = firstPart(way, "person", person, "addresses");
    way.origin()
        .change(
            "person/" + person + "/address",
            address,
            Map.of("address1", "13 Hill Road", "postalCode", "10 201", "address5", "Fifth"));
  }

  private static void removeAddress(Way way, String person) throws Exception {
    String address = firstPart(way, "person", person, "addresses");
    way.origin().remove("person/" + person + "/address", address);
  }

  private static void changePersonAttribute(Way way, String person) throws Exception {
    String attribute = firstPart(way, "person", person, "attributes");
    way.origin().change("person/" + person + "/attribute", attribute, Map.of("value", "second"));
  }

  private static void removePersonAttribute(Way way, String person) throws Exception {
    String attribute = firstPart(way, "person", person, "attributes");
    way.origin().remove("person/" + person + "/attribute", attribute);
  }

  /** FHIR carries no cause of death: that this server wants one is recorded. */
  private static void died(Way way) throws Exception {
    String patient = brought(way, Kind.PATIENT);
    way.edit(Kind.PATIENT, patient, PartCases::die);
    if (way.servers().travelsAsFhir(Kind.PATIENT)) {
      way.checks().audited(patient, "APPLIED");
    } else {
      way.checks().same(Kind.PATIENT, patient);
    }
  }

  private static void die(Way way, String patient) throws Exception {
    Map<String, Object> death =
        Map.of(
            "dead",
            true,
            "deathDate",
            "2026-04-01T00:00:00.000+0000",
            "causeOfDeath",
            way.editor().metadata().answer());
    way.origin().change("person", patient, death);
  }

  private static void changeRole(Way way, String encounter) throws Exception {
    String participant = firstPart(way, "encounter", encounter, "encounterProviders");
    way.origin()
        .change(
            "encounter/" + encounter + "/encounterprovider",
            participant,
            Map.of("encounterRole", way.editor().metadata().otherEncounterRole()));
  }

  private static void addParticipant(Way way, String encounter) throws Exception {
    way.origin()
        .create(
            "encounter/" + encounter + "/encounterprovider",
            way.editor().documents().participant(way.editor().metadata().otherEncounterRole()));
  }

  private static void removeParticipant(Way way, String encounter) throws Exception {
    String participant = firstPart(way, "encounter", encounter, "encounterProviders");
    way.origin().remove("encounter/" + encounter + "/encounterprovider", participant);
  }

  private static void changeLocationAttribute(Way way, String uuid) throws Exception {
    changeAttribute(way, Kind.LOCATION, uuid, "three rooms");
  }

  private static void changeVisitAttribute(Way way, String uuid) throws Exception {
    changeAttribute(way, Kind.VISIT, uuid, "came on foot");
  }

  private static void changeProviderAttribute(Way way, String uuid) throws Exception {
    changeAttribute(way, Kind.PROVIDER, uuid, "day shift");
  }

  private static void changeAttribute(Way way, Kind kind, String uuid, String value)
      throws Exception {
    String attribute = firstPart(way, kind.resource(), uuid, "attributes");
    way.origin()
        .change(kind.resource() + "/" + uuid + "/attribute", attribute, Map.of("value", value));
  }

  private static void removeTags(Way way, String location) throws Exception {
    way.origin().change("location", location, Map.of("tags", List.of()));
  }

  private static String firstPart(Way way, String resource, String uuid, String part)
      throws Exception {
    return way.editor().parts(resource, uuid, part).get(0);
  }
}
