package org.openmrs.module.sync2.host.fhir;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.hl7.fhir.r4.model.Encounter.EncounterParticipantComponent;
import org.openmrs.Encounter;
import org.openmrs.EncounterProvider;
import org.openmrs.module.fhir2.api.translators.EncounterParticipantTranslator;
import org.openmrs.module.sync2.host.writing.Removal;

/**
 * The providers of an encounter. FHIR carries neither their uuids nor their roles, and the FHIR
 * module replaces all of them: so they are found again by provider, and keep their role.
 */
final class EncounterParticipants {

  private EncounterParticipants() {}

  /** Gives the encounter the providers of a document; new ones get the FHIR module's role. */
  static void write(
      org.hl7.fhir.r4.model.Encounter document, Encounter encounter, Removal removal) {
    List<EncounterProvider> left = new ArrayList<>(encounter.getEncounterProviders());
    // Those that are not voided first.
    left.sort(Comparator.comparing(EncounterProvider::getVoided));
    for (EncounterParticipantComponent participant : document.getParticipant()) {
      EncounterProvider coming = translated(participant);
      Optional<EncounterProvider> here =
          left.stream()
              .filter(known -> known.getProvider().equals(coming.getProvider()))
              .findFirst();
      if (here.isPresent()) {
        left.remove(here.get());
        Removal.restore(here.get());
      } else {
        coming.setEncounter(encounter);
        encounter.getEncounterProviders().add(coming);
      }
    }
    left.forEach(gone -> removal.voidAlone(gone, Removal.REASON));
  }

  private static EncounterProvider translated(EncounterParticipantComponent participant) {
    EncounterProvider provider =
        FhirModule.bean(EncounterParticipantTranslator.class)
            .toOpenmrsType(new EncounterProvider(), participant);
    Named.mustBeHere(participant.getIndividual(), provider.getProvider());
    return provider;
  }
}
