package org.openmrs.sync2.acceptance;

import java.util.Map;
import org.openmrs.sync2.acceptance.server.BareSaving;
import org.openmrs.sync2.acceptance.server.SerialHttp;

/** New patients with encounters and observations: 23 objects each. */
final class NewEncounters implements Load {

  private static final int ENCOUNTERS = 2;
  private static final int OBSERVATIONS = 10;

  @Override
  public Cohort write(Way way, int patients) throws Exception {
    return Cohort.writeEncounters(way, patients, ENCOUNTERS, OBSERVATIONS);
  }

  @Override
  public int objects(int patients) {
    return patients * (1 + ENCOUNTERS * (1 + OBSERVATIONS));
  }

  @Override
  public void copy(SerialHttp serial, String patient) throws Exception {
    serial.copyPatient(patient);
    serial.copyEncounters(patient);
  }

  @Override
  public double saveAlone(Way way, int patients) throws Exception {
    Metadata metadata = way.servers().metadata();
    Map<String, Object> asked = NewPatients.madeUp(way, patients);
    asked.put("encounters", ENCOUNTERS);
    asked.put("observations", OBSERVATIONS);
    asked.put("encounterType", metadata.encounterType());
    asked.put("encounterRole", metadata.encounterRole());
    asked.put("provider", metadata.provider());
    asked.put("concept", metadata.numeric());
    return new BareSaving(way.destination()).saveNew(asked);
  }
}
