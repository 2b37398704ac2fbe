package org.openmrs.module.sync2.host.fhir;

import org.openmrs.Encounter;
import org.openmrs.api.context.Context;
import org.openmrs.module.fhir2.api.dao.FhirEncounterDao;
import org.openmrs.module.fhir2.api.translators.EncounterTranslator;
import org.openmrs.module.sync2.host.writing.Removal;
import org.openmrs.module.sync2.host.writing.Writing;
import org.openmrs.sync2.SyncRejectedException;

/**
 * Encounters with their providers, without the obs and orders in them, which have events of their
 * own. They are not saved by the encounter service: it would put them into visits and change their
 * obs by rules of this server, where what the parent says holds.
 */
public final class FhirEncounters extends FhirCategory<org.hl7.fhir.r4.model.Encounter, Encounter> {

  /** Holds nothing. */
  public FhirEncounters() {
    super(org.hl7.fhir.r4.model.Encounter.class);
  }

  @Override
  Encounter find(String uuid) {
    return FhirModule.bean(FhirEncounterDao.class).get(uuid);
  }

  @Override
  boolean isRemoved(Encounter encounter) {
    return encounter.getVoided();
  }

  @Override
  org.hl7.fhir.r4.model.Encounter toFhir(Encounter encounter) {
    return translator().toFhirResource(encounter);
  }

  @Override
  void write(Encounter here, org.hl7.fhir.r4.model.Encounter document, Writing writing) {
    if (!document.getPeriod().hasStart()) {
      // The FHIR module would take the time of saving.
      throw new SyncRejectedException("it has no period with a start");
    }
    org.hl7.fhir.r4.model.Encounter withoutProviders = document.copy();
    withoutProviders.setParticipant(null);
    Encounter coming = translator().toOpenmrsType(withoutProviders);
    everythingMustBeHere(document, coming);
    Encounter encounter =
        here == null ? coming : changed(Removal.restoreWithContents(here), coming);
    EncounterParticipants.write(document, encounter, writing.removal());
    Removal.restore(encounter);
    writing.store(encounter);
  }

  @Override
  void withdraw(Encounter encounter, String reason) {
    Context.getEncounterService().voidEncounter(encounter, reason);
  }

  @Override
  void purge(Encounter encounter) {
    Context.getEncounterService().purgeEncounter(encounter);
  }

  private static void everythingMustBeHere(
      org.hl7.fhir.r4.model.Encounter document, Encounter coming) {
    Named.mustBeHere("encounter type", document.getType(), coming.getEncounterType());
    Named.mustBeHere(document.getSubject(), coming.getPatient());
    Named.mustBeHere(document.getPartOf(), coming.getVisit());
    Named.mustBeHere(document.getLocationFirstRep().getLocation(), coming.getLocation());
  }

  private static Encounter changed(Encounter here, Encounter coming) {
    here.setEncounterType(coming.getEncounterType());
    here.setPatient(coming.getPatient());
    here.setVisit(coming.getVisit());
    here.setLocation(coming.getLocation());
    here.setEncounterDatetime(coming.getEncounterDatetime());
    return here;
  }

  private static EncounterTranslator<Encounter> translator() {
    return FhirModule.bean(EncounterTranslator.class, Encounter.class);
  }
}
