package org.openmrs.module.sync2.host.rest;

import org.openmrs.Encounter;
import org.openmrs.EncounterProvider;
import org.openmrs.api.EncounterService;
import org.openmrs.api.context.Context;
import org.openmrs.api.db.EncounterDAO;
import org.openmrs.validator.ValidateUtil;

/** Encounters with their providers, without their observations and orders. */
final class EncounterRest implements RestType<Encounter> {

  /** Undoing the void restores the observations that have the same reason, so it is of this one. */
  private static final String REMOVED_WITH = "Removed at the parent with the encounter ";

  @Override
  public Class<Encounter> type() {
    return Encounter.class;
  }

  @Override
  public Encounter find(String uuid) {
    return encounters().getEncounterByUuid(uuid);
  }

  /**
   * Validates as the service does, but saves past it: the service gives a new encounter a visit of
   * its own making, and rewrites observations, with new uuids, when the date or place changes. Both
   * happened at the parent and come from there.
   */
  @Override
  public void save(Encounter here, String uuid, JsonFields json) {
    Creation creation = new Creation();
    Encounter encounter = here == null ? create(uuid, json, creation) : restored(here);
    encounter.setEncounterDatetime(json.instant("encounterDatetime"));
    encounter.setPatient(References.patient(json, "patient"));
    encounter.setEncounterType(References.encounterType(json, "encounterType"));
    encounter.setLocation(References.location(json, "location"));
    encounter.setForm(References.form(json, "form"));
    encounter.setVisit(References.visit(json, "visit"));
    new Parts<>(
            encounter.getEncounterProviders(),
            EncounterProvider::new,
            EncounterRest::fillProvider,
            provider -> add(encounter, provider))
        .reconcile(json.list("encounterProviders"), creation);
    ValidateUtil.validate(encounter);
    Context.getRegisteredComponent("encounterDAO", EncounterDAO.class).saveEncounter(encounter);
  }

  @Override
  public void remove(Encounter here) {
    if (!here.getVoided()) {
      encounters().voidEncounter(here, REMOVED_WITH + here.getUuid());
    }
  }

  @Override
  public void purge(Encounter here) {
    encounters().purgeEncounter(here);
  }

  private static Encounter create(String uuid, JsonFields json, Creation creation) {
    Encounter encounter = new Encounter();
    encounter.setUuid(uuid);
    creation.stamp(encounter, json);
    return encounter;
  }

  private static Encounter restored(Encounter here) {
    return here.getVoided() ? encounters().unvoidEncounter(here) : here;
  }

  private static void fillProvider(EncounterProvider provider, JsonFields json) {
    provider.setProvider(References.provider(json, "provider"));
    provider.setEncounterRole(References.encounterRole(json, "encounterRole"));
  }

  private static void add(Encounter encounter, EncounterProvider provider) {
    provider.setEncounter(encounter);
    encounter.getEncounterProviders().add(provider);
  }

  private static EncounterService encounters() {
    return Context.getEncounterService();
  }
}
