package org.openmrs.sync2.acceptance.cases;

import java.util.Map;
import org.openmrs.sync2.acceptance.Documents;
import org.openmrs.sync2.acceptance.TwoServers;
import org.openmrs.sync2.acceptance.Way;

/**
 * An identifier type that both servers have, and of which the one that objects travel to has become
 * stricter: it refuses patients that the other one takes.
 */
final class StrictIdentifierType {

  private static final String RESOURCE = "patientidentifiertype";

  private final Way way;
  private final String uuid;

  private StrictIdentifierType(Way way, String uuid) {
    this.way = way;
    this.uuid = uuid;
  }

  static StrictIdentifierType on(Way way) throws Exception {
    TwoServers servers = way.servers();
    String uuid = servers.parent().create(RESOURCE, servers.documents().named("Strict"));
    servers.synchronize();
    servers.module().pull("patient_identifier_type", uuid);
    StrictIdentifierType type = new StrictIdentifierType(way, uuid);
    type.accept("[0-9]{4}", "four digits");
    return type;
  }

  /** It takes every identifier again. */
  void relax() throws Exception {
    accept("", "");
  }

  private void accept(String format, String description) throws Exception {
    way.destination()
        .change(RESOURCE, uuid, Map.of("format", format, "formatDescription", description));
  }

  /**
   * Makes a patient that is refused.
   *
   * @return its uuid
   */
  String newPatient() throws Exception {
    Documents documents = way.servers().documents();
    Map<String, Object> identifier = documents.newIdentifier();
    identifier.put("identifierType", uuid);
    return way.origin().create("patient", documents.patient(documents.person(), identifier));
  }
}
