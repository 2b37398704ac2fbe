package org.openmrs.module.fhir2.api;

import org.hl7.fhir.r4.model.Identifier;
import org.openmrs.PatientIdentifierType;

public interface FhirPatientService {

  PatientIdentifierType getPatientIdentifierTypeByIdentifier(Identifier identifier);
}
