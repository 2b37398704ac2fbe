package org.openmrs.module.sync2.host.rest;

import java.util.List;
import org.openmrs.Encounter;
import org.openmrs.EncounterProvider;
import org.openmrs.OpenmrsObject;
import org.openmrs.aop.RequiredDataAdvice;
import org.openmrs.api.EncounterService;
import org.openmrs.api.context.Context;
import org.openmrs.api.db.EncounterDAO;
import org.openmrs.api.handler.UnvoidHandler;
import org.openmrs.validator.ValidateUtil;

/** Encounters with their providers, without their observations and orders. */
final class EncounterRest implements RestType<Encounter> {

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
    Encounter encounter = here == null ? create(uuid, json) : restored(here);
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
        .reconcile(json.list("encounterProviders"));
    ValidateUtil.validate(encounter);
    Context.getRegisteredComponent("encounterDAO", EncounterDAO.class).saveEncounter(encounter);
  }

  @Override
  public void remove(Encounter here) {
    if (!here.getVoided()) {
      encounters().voidEncounter(here, Parts.REMOVED_AT_THE_PARENT);
    }
  }

  @Override
  public void purge(Encounter here) {
    encounters().purgeEncounter(here);
  }

  private static Encounter create(String uuid, JsonFields json) {
    Encounter encounter = new Encounter();
    encounter.setUuid(uuid);
    Creation.stamp(encounter, json);
    return encounter;
  }

  /**
   * With everything that was voided with it. As the service begins; what it does after gives
   * restored observations new uuids where it interprets them otherwise than the parent.
   */
  @SuppressWarnings("unchecked") // OpenMRS finds handlers by their raw class.
  private static Encounter restored(Encounter here) {
    if (here.getVoided()) {
      RequiredDataAdvice.recursivelyHandle(
          UnvoidHandler.class,
          here,
          here.getVoidedBy(),
          here.getDateVoided(),
          null,
          (List<OpenmrsObject>) null);
    }
    return here;
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
