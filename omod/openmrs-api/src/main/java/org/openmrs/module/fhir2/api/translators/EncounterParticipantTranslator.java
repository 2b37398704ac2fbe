package org.openmrs.module.fhir2.api.translators;

import org.hl7.fhir.r4.model.Encounter;
import org.openmrs.EncounterProvider;

public interface EncounterParticipantTranslator {

  EncounterProvider toOpenmrsType(
      EncounterProvider encounterProvider,
      Encounter.EncounterParticipantComponent encounterParticipantComponent);
}
