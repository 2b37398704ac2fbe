package org.openmrs.sync2.acceptance;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.openmrs.sync2.acceptance.server.BareSaving;
import org.openmrs.sync2.acceptance.server.SerialHttp;

/** Patients that both servers have, and who get another date of birth. */
final class EditedPatients implements Load {

  private final List<String> known = new ArrayList<>();
  private LocalDate birthdate = LocalDate.of(1950, 1, 1);

  @Override
  public Cohort write(Way way, int patients) throws Exception {
    return Cohort.editPatients(way, known(way, patients), nextBirthdate());
  }

  @Override
  public int objects(int patients) {
    return patients;
  }

  @Override
  public void copy(SerialHttp serial, String patient) throws Exception {
    serial.copyEdit(patient);
  }

  @Override
  public double saveAlone(Way way, int patients) throws Exception {
    return new BareSaving(way.destination())
        .saveEdits(Map.of("uuids", known(way, patients), "birthdate", nextBirthdate()));
  }

  /** So many patients; those that are missing are made, and travel at once. */
  private List<String> known(Way way, int patients) throws Exception {
    if (known.size() < patients) {
      known.addAll(Cohort.writePatients(way, patients - known.size()).uuids(Kind.PATIENT));
      way.synchronize();
    }
    return known.subList(0, patients);
  }

  /** One that none of them has had. */
  private String nextBirthdate() {
    birthdate = birthdate.plusDays(1);
    return birthdate.toString();
  }
}
