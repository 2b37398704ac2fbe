package org.openmrs.api.db;

import org.openmrs.Encounter;

public interface EncounterDAO {

  Encounter saveEncounter(Encounter encounter);
}
