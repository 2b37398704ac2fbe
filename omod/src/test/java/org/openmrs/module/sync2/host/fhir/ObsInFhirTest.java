package org.openmrs.module.sync2.host.fhir;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.junit.jupiter.api.Test;
import org.openmrs.Encounter;
import org.openmrs.Location;
import org.openmrs.Obs;

class ObsInFhirTest {

  @Test
  void aNewObsIsWhereItsEncounterIs() {
    Location ward = new Location();
    Encounter encounter = new Encounter();
    encounter.setLocation(ward);
    Obs coming = new Obs();
    coming.setEncounter(encounter);
    ObsInFhir.placeWithItsEncounter(coming);
    assertSame(ward, coming.getLocation());
  }

  @Test
  void anObsWithoutAnEncounterHasNoPlace() {
    Obs coming = new Obs();
    ObsInFhir.placeWithItsEncounter(coming);
    assertNull(coming.getLocation());
  }
}
