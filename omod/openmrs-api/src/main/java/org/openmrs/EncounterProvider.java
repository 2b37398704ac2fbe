package org.openmrs;

public class EncounterProvider extends BaseOpenmrsData {

  public void setEncounter(Encounter encounter) {
    throw new UnsupportedOperationException();
  }

  public Provider getProvider() {
    throw new UnsupportedOperationException();
  }

  public void setProvider(Provider provider) {
    throw new UnsupportedOperationException();
  }

  public void setEncounterRole(EncounterRole encounterRole) {
    throw new UnsupportedOperationException();
  }
}
