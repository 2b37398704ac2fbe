package org.openmrs.sync2.acceptance.cases;

import java.util.List;
import java.util.Map;
import org.openmrs.sync2.acceptance.AcceptanceCase;
import org.openmrs.sync2.acceptance.Kind;
import org.openmrs.sync2.acceptance.SyncConfiguration;
import org.openmrs.sync2.acceptance.TwoServers;
import org.openmrs.sync2.acceptance.Way;
import org.openmrs.sync2.acceptance.cases.Clinic.Consultation;
import org.openmrs.sync2.acceptance.server.Direction;

/** A patient who is asked for by name comes with visits, encounters and observations. */
public final class ByNameCases {

  private static final List<Kind> CLINICAL =
      List.of(Kind.PATIENT, Kind.VISIT, Kind.ENCOUNTER, Kind.OBSERVATION);

  private ByNameCases() {}

  /** All of them. */
  public static List<AcceptanceCase> all() {
    return List.of(
        new AcceptanceCase("clinic-pull-by-name", servers -> byName(servers.pulling())),
        new AcceptanceCase("clinic-push-by-name", servers -> byName(servers.pushing())));
  }

  /** What a run has passed while its category was off is what nothing tells of any more. */
  private static void byName(Way way) throws Exception {
    TwoServers servers = way.servers();
    Clinic clinic = new Clinic(servers);
    way.synchronize();
    servers.configure(withoutClinicalData(way));
    String patient = way.editor().patient();
    String visit = way.origin().create("visit", servers.documents().visit(patient));
    Map<String, Object> encounter = servers.documents().encounter(patient);
    encounter.put("visit", visit);
    Consultation consultation = clinic.consultation(way.origin(), encounter);
    way.synchronize();
    servers.configure(servers.standard());
    way.checks().absent(Kind.PATIENT, patient);
    if (way.direction() == Direction.PULL) {
      servers.pullByName(Kind.PATIENT, patient);
    } else {
      servers.pushByName(Kind.PATIENT, patient);
    }
    for (String uuid : List.of(patient, visit, consultation.encounter())) {
      clinic.nothingParked(uuid);
    }
    way.checks().same(Kind.PATIENT, patient);
    way.checks().same(Kind.VISIT, visit);
    way.checks().same(Kind.ENCOUNTER, consultation.encounter());
    way.checks().same(Kind.OBSERVATION, consultation.observations());
  }

  private static SyncConfiguration withoutClinicalData(Way way) {
    SyncConfiguration configuration = way.servers().standard();
    String direction = way.direction().toString();
    for (Kind kind : CLINICAL) {
      configuration = configuration.withCategory(kind.category(), direction, false);
    }
    return configuration;
  }
}
