package org.openmrs.module.sync2.kind;

import org.openmrs.Encounter;
import org.openmrs.EncounterProvider;
import org.openmrs.api.EncounterService;
import org.openmrs.api.context.Context;
import org.openmrs.module.sync2.host.fhir.FhirEncounters;
import org.openmrs.module.sync2.host.writing.Parts;
import org.openmrs.module.sync2.host.writing.Removal;
import org.openmrs.module.sync2.host.writing.Writing;
import org.openmrs.module.sync2.kind.Kind.Privileges;

/** Encounters with their providers, without their observations and orders. */
final class EncounterKind implements RestType<Encounter> {

  /** All of the kind. */
  static Kind kind() {
    return Kind.of("encounter")
        .keptIn(Table.of("encounter", "encounter_id").with("encounter_provider", "encounter_id"))
        .heldWhenReferredTo()
        .told("org.openmrs.Encounter", Withdrawal.VOIDED, Belonging.OF_PATIENT_IN_VISIT)
        .part("org.openmrs.EncounterProvider", "encounter")
        .guardedBy(Privileges.ofData("Encounters"))
        .belongs(PlaceQuery.atItself("encounter", "x.patient_id"))
        .inRest(new EncounterKind())
        .inFhir(() -> new FhirEncounters());
  }

  @Override
  public Class<Encounter> type() {
    return Encounter.class;
  }

  @Override
  public Encounter find(String uuid) {
    return encounters().getEncounterByUuid(uuid);
  }

  /**
   * Past the service, which gives a new encounter a visit of its own making, and rewrites
   * observations, with new uuids, when the date or place changes. Both happened at the parent and
   * come from there.
   */
  @Override
  public void save(Encounter here, String uuid, JsonFields json, Writing writing) {
    Encounter encounter = here == null ? create(uuid, json) : Removal.restoreWithContents(here);
    encounter.setEncounterDatetime(json.instant("encounterDatetime"));
    encounter.setPatient(References.patient(json, "patient"));
    encounter.setEncounterType(References.encounterType(json, "encounterType"));
    encounter.setLocation(References.location(json, "location"));
    encounter.setForm(References.form(json, "form"));
    encounter.setVisit(References.visit(json, "visit"));
    new Parts<>(
            encounter.getEncounterProviders(),
            EncounterProvider::new,
            Creation.stamping(EncounterKind::fillProvider),
            provider -> add(encounter, provider))
        .reconcile(json.parts("encounterProviders"), writing.removal());
    writing.store(encounter);
  }

  @Override
  public void remove(Encounter here, String reason) {
    if (!here.getVoided()) {
      encounters().voidEncounter(here, reason);
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
