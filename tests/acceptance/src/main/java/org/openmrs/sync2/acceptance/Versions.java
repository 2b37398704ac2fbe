package org.openmrs.sync2.acceptance;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.openmrs.sync2.acceptance.server.Answer;
import org.openmrs.sync2.acceptance.server.OpenMrsServer;

/**
 * What the servers run.
 *
 * @param names such as {@code parent fhir2}, each with its version
 */
record Versions(Map<String, String> names) {

  private static final String UNKNOWN = "unknown";

  static Versions of(TwoServers servers) throws IOException {
    Map<String, String> names = new LinkedHashMap<>();
    JsonNode status = servers.module().status();
    names.put("sync2", moduleVersion(servers.child(), "sync2"));
    names.put("sync2 commit", status.path("commit").asText(UNKNOWN));
    names.putAll(of("parent", servers.parent()));
    names.putAll(of("child", servers.child()));
    return new Versions(names);
  }

  private static Map<String, String> of(String name, OpenMrsServer server) throws IOException {
    Map<String, String> versions = new LinkedHashMap<>();
    versions.put(name + " OpenMRS", openMrsVersion(server));
    for (String module : new String[] {"webservices.rest", "fhir2", "atomfeed", "sync2"}) {
      String version = moduleVersion(server, module);
      if (!version.equals(UNKNOWN)) {
        versions.put(name + " " + module, version);
      }
    }
    return versions;
  }

  private static String openMrsVersion(OpenMrsServer server) throws IOException {
    Answer answer = server.getRest("systeminformation");
    JsonNode information =
        answer.ok()
            ? answer.json().path("systemInfo").path("SystemInfo.title.openmrsInformation")
            : Json.tree(Map.of());
    String version =
        information.path("SystemInfo.OpenMRSInstallation.openmrsVersion").asText(UNKNOWN);
    return version.split(" ")[0];
  }

  private static String moduleVersion(OpenMrsServer server, String module) throws IOException {
    Answer answer = server.getRest("module/" + module + "?v=full");
    return answer.ok() ? answer.json().path("version").asText(UNKNOWN) : UNKNOWN;
  }
}
