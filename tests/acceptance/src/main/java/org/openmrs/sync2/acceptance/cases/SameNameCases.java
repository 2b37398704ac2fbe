package org.openmrs.sync2.acceptance.cases;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import org.openmrs.sync2.acceptance.AcceptanceCase;
import org.openmrs.sync2.acceptance.CaseFailure;
import org.openmrs.sync2.acceptance.Checks;
import org.openmrs.sync2.acceptance.Documents;
import org.openmrs.sync2.acceptance.Editor;
import org.openmrs.sync2.acceptance.TwoServers;
import org.openmrs.sync2.acceptance.server.OpenMrsServer;

/** Metadata of one name that both sites made by hand. */
public final class SameNameCases {

  private SameNameCases() {}

  /** All of them. */
  public static List<AcceptanceCase> all() {
    return List.of(new AcceptanceCase("clinic-same-name-mapped", SameNameCases::mapped));
  }

  /** One problem that names the pair; mapped, all flows both ways, and there is no second one. */
  private static void mapped(TwoServers servers) throws Exception {
    servers.pushing();
    String name = servers.names().next("Ward");
    String there = ward(servers.parent(), name);
    String here = ward(servers.child(), name);
    String pulled = encounterAt(servers, servers.parent(), there);
    servers.synchronize();
    Checks checks = Checks.of(servers);
    JsonNode parked = checks.parked(there, "Duplicate");
    String words = parked.path("error").path("message").asText();
    CaseFailure.unless(
        words.contains(there) && words.contains(here), "the pair is not named: " + words);
    servers.configure(servers.standard().with("uuidMap", "location", Map.of(there, here)));
    servers.module().retry(List.of(parked.path("auditUuid").asText()));
    servers.synchronize();
    servers.synchronize();
    checks.notParked(pulled);
    mustBeAt(servers.child(), pulled, here);
    String pushed = encounterAt(servers, servers.child(), here);
    servers.push();
    mustBeAt(servers.parent(), pushed, there);
    for (OpenMrsServer server : List.of(servers.parent(), servers.child())) {
      int wards =
          server.read("location?v=ref&q=" + name.replace(" ", "%20")).path("results").size();
      CaseFailure.unless(wards == 1, wards + " locations of one name at " + server.base());
    }
  }

  private static String ward(OpenMrsServer server, String name) throws Exception {
    return server.create("location", Map.of("uuid", Documents.uuid(), "name", name));
  }

  private static String encounterAt(TwoServers servers, OpenMrsServer server, String location)
      throws Exception {
    Map<String, Object> encounter =
        servers.documents().encounter(new Editor(servers, server).patient());
    encounter.put("location", location);
    return server.create("encounter", encounter);
  }

  private static void mustBeAt(OpenMrsServer server, String encounter, String location)
      throws Exception {
    String found =
        server.read("encounter/" + encounter + "?v=full").path("location").path("uuid").asText();
    CaseFailure.unless(found.equals(location), encounter + " is at the location " + found);
  }
}
