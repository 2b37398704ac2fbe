package org.openmrs.module.sync2probe.saving;

import java.time.LocalDate;
import java.util.Date;
import java.util.List;
import java.util.stream.Collectors;
import org.openmrs.Patient;
import org.openmrs.api.PatientService;
import org.openmrs.api.context.Context;

/** Patients who get another date of birth. */
public final class Edits {

  private final EditsRequest asked;

  public Edits(EditsRequest asked) {
    this.asked = asked;
  }

  /** One save for each, with the look-up before it. */
  public List<Runnable> saves() {
    PatientService patients = Context.getPatientService();
    Date birthdate = Days.startOf(LocalDate.parse(asked.birthdate));
    return asked.uuids.stream()
        .map(uuid -> (Runnable) () -> change(patients, uuid, birthdate))
        .collect(Collectors.toList());
  }

  private static void change(PatientService patients, String uuid, Date birthdate) {
    Patient patient = patients.getPatientByUuid(uuid);
    if (patient == null) {
      throw new IllegalArgumentException("There is no patient " + uuid + ".");
    }
    patient.setBirthdate(birthdate);
    patients.savePatient(patient);
  }
}
