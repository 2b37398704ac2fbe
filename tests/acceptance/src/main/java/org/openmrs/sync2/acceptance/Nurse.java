package org.openmrs.sync2.acceptance;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.openmrs.sync2.acceptance.server.OpenMrsServer;

/** What a nurse saves at a server. */
public final class Nurse {

  private static final int OBSERVATIONS = 5;

  private final OpenMrsServer server;
  private final Documents documents;
  private final Metadata metadata;

  /** At one of the servers. */
  public Nurse(TwoServers servers, OpenMrsServer server) {
    this.server = server;
    this.documents = servers.documents();
    this.metadata = servers.metadata();
  }

  /**
   * Saves once: by turns an encounter with observations and a change of the patient.
   *
   * @param number of the save
   */
  public void save(String patient, int number) throws IOException {
    if (number % 2 == 0) {
      server.create("encounter", encounter(patient));
    } else {
      server.change("person", patient, Map.of("birthdateEstimated", number % 4 == 1));
    }
  }

  private Map<String, Object> encounter(String patient) {
    List<Map<String, Object>> observations = new ArrayList<>();
    for (int number = 0; number < OBSERVATIONS; number++) {
      observations.add(documents.value(metadata.numeric(), 60 + number));
    }
    Map<String, Object> encounter = documents.encounter(patient);
    encounter.put("obs", observations);
    return encounter;
  }
}
