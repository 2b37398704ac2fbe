package org.openmrs.module.sync2.host.fhir;

import java.util.Date;
import java.util.LinkedHashSet;
import java.util.Set;
import org.hl7.fhir.r4.model.Observation;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.StringType;
import org.openmrs.Concept;
import org.openmrs.ConceptDatatype;
import org.openmrs.Obs;
import org.openmrs.api.context.Context;
import org.openmrs.module.fhir2.api.dao.FhirObservationDao;
import org.openmrs.module.fhir2.api.translators.ConceptTranslator;
import org.openmrs.module.fhir2.api.translators.ObservationReferenceTranslator;
import org.openmrs.module.fhir2.api.translators.ObservationTranslator;
import org.openmrs.module.sync2.host.writing.ObsVersion;
import org.openmrs.module.sync2.host.writing.Writing;
import org.openmrs.sync2.SyncRejectedException;

/** Obs and groups of obs. An obs is never changed in place: a new version takes over its uuid. */
public final class FhirObservations extends FhirCategory<Observation, Obs> {

  /** Holds nothing. */
  public FhirObservations() {
    super(Observation.class);
  }

  @Override
  Obs find(String uuid) {
    return FhirModule.bean(FhirObservationDao.class).get(uuid);
  }

  @Override
  boolean isRemoved(Obs obs) {
    return obs.getVoided();
  }

  @Override
  Observation toFhir(Obs obs) {
    Observation document = translator().toFhirResource(obs);
    LocalValue local = LocalValue.of(obs.getConcept());
    if (local != null && obs.getValueDatetime() != null) {
      document.setValue(local.inFhir(obs.getValueDatetime()));
    }
    return document;
  }

  @Override
  void write(Obs here, Observation document, Writing writing) {
    Obs coming = translated(document);
    Set<Obs> members = members(document);
    boolean wasGroup = here != null && here.isObsGrouping();
    if (here == null) {
      ObsInFhir.placeWithItsEncounter(coming);
    } else {
      ObsInFhir.keepWhatFhirDoesNotKnow(here, coming);
    }
    Obs saved = new ObsVersion(writing).save(here, coming, null);
    Context.flushSession();
    if (wasGroup) {
      ObsGroup.leaveOnly(saved, members);
    }
    ObsGroup.join(saved, members);
  }

  @Override
  void withdraw(Obs obs, String reason) {
    Context.getObsService().voidObs(obs, reason);
  }

  @Override
  void purge(Obs obs) {
    Context.getObsService().purgeObs(obs);
  }

  private static Obs translated(Observation document) {
    if (!document.hasStatus() || !document.hasEffectiveDateTimeType()) {
      throw new SyncRejectedException("it has no status or no date and time");
    }
    Observation own = document.copy();
    // Would be set on members that are here, which OpenMRS lets nobody change.
    own.setHasMember(null);
    Concept question = FhirModule.bean(ConceptTranslator.class).toOpenmrsType(document.getCode());
    Named.mustBeHere("concept", document.getCode(), question);
    Date local = LocalValue.of(question) == null ? null : LocalValue.read(document.getValue());
    if (local != null || document.hasHasMember() || isDescription(document, question)) {
      own.setValue(null);
    }
    Obs coming = translator().toOpenmrsType(own);
    if (local != null) {
      coming.setValueDatetime(local);
    }
    coming.setUuid(document.getIdElement().getIdPart());
    // The FHIR module gives the date of creation as this, and never reads it.
    coming.setDateCreated(document.getIssued());
    everythingMustBeHere(own, coming);
    return coming;
  }

  /** Where FHIR has no type for a value, the FHIR module describes it in words. */
  private static boolean isDescription(Observation document, Concept question) {
    ConceptDatatype datatype = question.getDatatype();
    return document.getValue() instanceof StringType
        && (datatype.isComplex() || datatype.isCoded());
  }

  private static void everythingMustBeHere(Observation document, Obs coming) {
    Named.mustBeHere(document.getSubject(), coming.getPerson());
    Named.mustBeHere(document.getEncounter(), coming.getEncounter());
    if (document.hasValueCodeableConcept()) {
      Named.mustBeHere("answer", document.getValueCodeableConcept(), coming.getValueCoded());
    }
    if (document.hasBasedOn()) {
      Named.mustBeHere(document.getBasedOnFirstRep(), coming.getOrder());
    }
  }

  private static Set<Obs> members(Observation document) {
    ObservationReferenceTranslator translator =
        FhirModule.bean(ObservationReferenceTranslator.class);
    Set<Obs> members = new LinkedHashSet<>();
    for (Reference reference : document.getHasMember()) {
      Obs member = translator.toOpenmrsType(reference);
      Named.mustBeHere(reference, member);
      members.add(member);
    }
    return members;
  }

  private static ObservationTranslator translator() {
    return FhirModule.bean(ObservationTranslator.class);
  }
}
