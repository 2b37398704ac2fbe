package org.openmrs;

public class EncounterProvider extends BaseOpenmrsData {

  private Provider provider;
  private Encounter encounter;
  private EncounterRole encounterRole;

  public void setEncounter(Encounter encounter) {
    this.encounter = encounter;
  }

  public Provider getProvider() {
    return provider;
  }

  public void setProvider(Provider provider) {
    this.provider = provider;
  }

  public void setEncounterRole(EncounterRole encounterRole) {
    this.encounterRole = encounterRole;
  }
}
