package org.openmrs.api;

import org.openmrs.Encounter;
import org.openmrs.EncounterRole;
import org.openmrs.EncounterType;

public interface EncounterService {

  Encounter getEncounterByUuid(String text);

  Encounter saveEncounter(Encounter encounter);

  Encounter voidEncounter(Encounter encounter, String text);

  void purgeEncounter(Encounter encounter);

  EncounterType saveEncounterType(EncounterType encounterType);

  EncounterType getEncounterTypeByUuid(String text);

  EncounterType retireEncounterType(EncounterType encounterType, String text);

  void purgeEncounterType(EncounterType encounterType);

  EncounterRole saveEncounterRole(EncounterRole encounterRole);

  void purgeEncounterRole(EncounterRole encounterRole);

  EncounterRole getEncounterRoleByUuid(String text);

  EncounterRole retireEncounterRole(EncounterRole encounterRole, String text);
}
