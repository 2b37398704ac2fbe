package org.openmrs.sync2.acceptance.cases;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.openmrs.sync2.acceptance.AcceptanceCase;
import org.openmrs.sync2.acceptance.CaseFailure;
import org.openmrs.sync2.acceptance.Checks;
import org.openmrs.sync2.acceptance.Documents;
import org.openmrs.sync2.acceptance.Editor;
import org.openmrs.sync2.acceptance.Kind;
import org.openmrs.sync2.acceptance.TwoServers;
import org.openmrs.sync2.acceptance.server.OpenMrsServer;

/** Both sides edit different fields of one object: both edits are at both, and nobody is asked. */
public final class MergedEditCases {

  private static final List<Merged> MERGED =
      List.of(
          new Merged("patient", Kind.PATIENT, MergedEditCases::patient),
          new Merged("encounter", Kind.ENCOUNTER, MergedEditCases::encounter),
          new Merged("visit", Kind.VISIT, MergedEditCases::visit),
          new Merged("location", Kind.LOCATION, MergedEditCases::location),
          new Merged("provider", Kind.PROVIDER, MergedEditCases::provider));

  private MergedEditCases() {}

  /** Of each kind: the child pulls first, and the child pushes first. */
  public static List<AcceptanceCase> all() {
    List<AcceptanceCase> cases = new ArrayList<>();
    for (Merged merged : MERGED) {
      String name = "merged-" + merged.name();
      cases.add(new AcceptanceCase(name, servers -> pulledFirst(servers, merged)));
      cases.add(
          new AcceptanceCase(name + "-pushed-first", servers -> pushedFirst(servers, merged)));
    }
    return cases;
  }

  /**
   * What is edited of one kind.
   *
   * @param name of the case
   */
  private record Merged(String name, Kind kind, Edits edits) {}

  /** Edits of one object at both sides, and what must be read at both afterwards. */
  @FunctionalInterface
  private interface Edits {

    /** Makes them; what is answered are texts that the document holds at each server in the end. */
    List<String> make(TwoServers servers, String uuid) throws Exception;
  }

  private static void pulledFirst(TwoServers servers, Merged merged) throws Exception {
    servers.pushing();
    String uuid = brought(servers, merged.kind());
    List<String> edits = merged.edits().make(servers, uuid);
    servers.synchronize();
    servers.push();
    if (isUntold(servers, merged.kind())) {
      servers.synchronize();
      servers.push();
    }
    mustBeMerged(servers, merged.kind(), uuid, edits);
  }

  /** In FHIR a provider has the name of a person, and no event of the provider tells of it. */
  private static boolean isUntold(TwoServers servers, Kind kind) {
    return kind == Kind.PROVIDER && servers.travelsAsFhir(kind);
  }

  private static void pushedFirst(TwoServers servers, Merged merged) throws Exception {
    servers.pushing();
    String uuid = brought(servers, merged.kind());
    List<String> edits = merged.edits().make(servers, uuid);
    servers.push();
    servers.synchronize();
    servers.push();
    mustBeMerged(servers, merged.kind(), uuid, edits);
  }

  private static String brought(TwoServers servers, Kind kind) throws Exception {
    String uuid = new Editor(servers).create(kind);
    servers.synchronize(kind, uuid);
    return uuid;
  }

  private static void mustBeMerged(TwoServers servers, Kind kind, String uuid, List<String> edits)
      throws Exception {
    Clinic clinic = new Clinic(servers);
    clinic.noConflict(uuid);
    clinic.nothingParked(uuid);
    for (OpenMrsServer server : List.of(servers.parent(), servers.child())) {
      String document = server.read(kind.resource() + "/" + uuid + "?v=full").toString();
      for (String edit : edits) {
        CaseFailure.unless(document.contains(edit), "\"" + edit + "\" is lost at " + server.base());
      }
    }
    Checks.of(servers).same(kind, uuid);
  }

  /** A name and the sex here; an address and the day of birth there. */
  private static List<String> patient(TwoServers servers, String uuid) throws Exception {
    part(servers.child(), "person", uuid, "name", Map.of("givenName", "Edited here"));
    servers.child().change("person", uuid, Map.of("gender", "M"));
    part(servers.parent(), "person", uuid, "address", Map.of("address1", "Edited there"));
    servers.parent().change("person", uuid, Map.of("birthdate", "1977-07-07"));
    return List.of("Edited here", "\"gender\":\"M\"", "Edited there", "1977-07-07");
  }

  /** When it was here; where, and one more provider, there. */
  private static List<String> encounter(TwoServers servers, String uuid) throws Exception {
    String location = new Editor(servers).create(Kind.LOCATION);
    servers.child().change("encounter", uuid, Map.of("encounterDatetime", Documents.NOON));
    servers.parent().change("encounter", uuid, Map.of("location", location));
    return List.of("2026-03-02T12:00:00", location);
  }

  /** Its end here, what is noted of it there. */
  private static List<String> visit(TwoServers servers, String uuid) throws Exception {
    servers.child().change("visit", uuid, Map.of("stopDatetime", Documents.EVENING));
    part(servers.parent(), "visit", uuid, "attribute", Map.of("value", "Edited there"));
    return List.of("2026-03-02T18:15:00", "Edited there");
  }

  private static List<String> location(TwoServers servers, String uuid) throws Exception {
    servers.child().change("location", uuid, Map.of("description", "Edited here"));
    servers.parent().change("location", uuid, Map.of("address1", "Edited there"));
    return List.of("Edited here", "Edited there");
  }

  /** FHIR carries no attributes of a provider: these are only edited where they travel. */
  private static List<String> provider(TwoServers servers, String uuid) throws Exception {
    String identifier = servers.names().next("PR");
    servers.child().change("provider", uuid, Map.of("identifier", identifier));
    if (isUntold(servers, Kind.PROVIDER)) {
      String person =
          servers.parent().read("provider/" + uuid).path("person").path("uuid").asText();
      part(servers.parent(), "person", person, "name", Map.of("familyName2", "Edited there"));
      return List.of(identifier);
    }
    part(servers.parent(), "provider", uuid, "attribute", Map.of("value", "Edited there"));
    return List.of(identifier, "Edited there");
  }

  /** Edits the first part of an object, such as the {@code name} of a person. */
  private static void part(
      OpenMrsServer server, String resource, String uuid, String part, Map<String, ?> change)
      throws Exception {
    String plural = part.endsWith("s") ? part + "es" : part + "s";
    String first =
        server.read(resource + "/" + uuid + "?v=full").path(plural).path(0).path("uuid").asText();
    server.change(resource + "/" + uuid + "/" + part, first, change);
  }
}
