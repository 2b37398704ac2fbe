package org.openmrs.module.fhir2.api.translators;

import org.hl7.fhir.r4.model.Patient;

public interface PatientTranslator {

  Patient toFhirResource(org.openmrs.Patient patient);
}
