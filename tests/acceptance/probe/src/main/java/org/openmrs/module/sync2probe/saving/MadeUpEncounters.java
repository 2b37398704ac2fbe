package org.openmrs.module.sync2probe.saving;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.hibernate.Hibernate;
import org.openmrs.Concept;
import org.openmrs.Encounter;
import org.openmrs.EncounterProvider;
import org.openmrs.EncounterRole;
import org.openmrs.EncounterType;
import org.openmrs.Location;
import org.openmrs.Obs;
import org.openmrs.Patient;
import org.openmrs.Provider;
import org.openmrs.api.EncounterService;
import org.openmrs.api.context.Context;

/** Encounters with observations, for patients that are made up. */
final class MadeUpEncounters {

  private static final Date DAY = Days.startOf(LocalDate.of(2026, 3, 2));

  private final EncounterService service = Context.getEncounterService();
  private final MadeUpRequest asked;
  private final Location location;
  private final EncounterType type;
  private final EncounterRole role;
  private final Provider provider;
  private final Concept concept;

  /** Looks the metadata up, once for all. */
  MadeUpEncounters(MadeUpRequest asked) {
    this.asked = asked;
    location = Context.getLocationService().getLocationByUuid(asked.location);
    type = service.getEncounterTypeByUuid(asked.encounterType);
    role = service.getEncounterRoleByUuid(asked.encounterRole);
    provider = Context.getProviderService().getProviderByUuid(asked.provider);
    concept = Context.getConceptService().getConceptByUuid(asked.concept);
    // A validator looks at it in a session that does not have the concept any more.
    Hibernate.initialize(concept.getDatatype());
  }

  /** A save for each encounter of a patient, who is saved before. */
  List<Runnable> saves(Patient patient) {
    List<Runnable> saves = new ArrayList<>();
    for (int number = 0; number < asked.encounters; number++) {
      Encounter encounter = encounter(patient);
      saves.add(() -> service.saveEncounter(encounter));
    }
    return saves;
  }

  private Encounter encounter(Patient patient) {
    Encounter encounter = new Encounter();
    encounter.setPatient(patient);
    encounter.setEncounterType(type);
    encounter.setLocation(location);
    encounter.setEncounterDatetime(DAY);
    EncounterProvider participant = new EncounterProvider();
    participant.setEncounter(encounter);
    participant.setProvider(provider);
    participant.setEncounterRole(role);
    encounter.getEncounterProviders().add(participant);
    for (int number = 0; number < asked.observations; number++) {
      encounter.addObs(observation(number));
    }
    return encounter;
  }

  /** The encounter tells whose it is, where and when. */
  private Obs observation(int number) {
    Obs observation = new Obs();
    observation.setConcept(concept);
    observation.setValueNumeric(60.0 + number);
    observation.setComment("as measured");
    return observation;
  }
}
