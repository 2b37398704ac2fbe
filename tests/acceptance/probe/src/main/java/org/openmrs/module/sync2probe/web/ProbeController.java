package org.openmrs.module.sync2probe.web;

import java.util.Map;
import org.openmrs.Patient;
import org.openmrs.api.PatientService;
import org.openmrs.api.context.Context;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.ResponseBody;

/** {@code POST /ws/rest/v1/sync2probe/…}: what a clerk does on OpenMRS's own pages. */
@Controller
public class ProbeController {

  private static final String ROOT = "/rest/v1/sync2probe";

  /** Merges the patient {@code loser} into the patient {@code survivor}, both by uuid. */
  @RequestMapping(value = ROOT + "/merge", method = RequestMethod.POST)
  @ResponseBody
  public Map<String, String> merge(@RequestBody Map<String, String> asked) throws Exception {
    PatientService patients = Context.getPatientService();
    patients.mergePatients(
        known(patients, asked.get("survivor")), known(patients, asked.get("loser")));
    return asked;
  }

  private static Patient known(PatientService patients, String uuid) {
    Patient patient = patients.getPatientByUuid(uuid);
    if (patient == null) {
      throw new IllegalArgumentException("There is no patient " + uuid + ".");
    }
    return patient;
  }
}
