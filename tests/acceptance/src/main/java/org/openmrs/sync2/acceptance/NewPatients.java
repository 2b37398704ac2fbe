package org.openmrs.sync2.acceptance;

import java.util.Map;
import org.openmrs.sync2.acceptance.server.BareSaving;
import org.openmrs.sync2.acceptance.server.SerialHttp;

/** New patients: a name, an address, an attribute and an identifier each. */
final class NewPatients implements Load {

  @Override
  public Cohort write(Way way, int patients) throws Exception {
    return Cohort.writePatients(way, patients);
  }

  @Override
  public int objects(int patients) {
    return patients;
  }

  @Override
  public void copy(SerialHttp serial, String patient) throws Exception {
    serial.copyPatient(patient);
  }

  @Override
  public double saveAlone(Way way, int patients) throws Exception {
    return new BareSaving(way.destination()).saveNew(madeUp(way, patients));
  }

  /** What so many patients are made of. */
  static Map<String, Object> madeUp(Way way, int patients) {
    Metadata metadata = way.servers().metadata();
    return Documents.document(
        Map.entry("patients", patients),
        Map.entry("identifiers", way.servers().names().next("ID")),
        Map.entry("identifierType", metadata.identifierType()),
        Map.entry("attributeType", metadata.personAttributeType()),
        Map.entry("location", metadata.location()));
  }
}
