package org.openmrs.module.sync2.kind;

import java.util.Date;
import org.openmrs.Concept;
import org.openmrs.ConceptDatatype;
import org.openmrs.Obs;
import org.openmrs.Obs.Interpretation;
import org.openmrs.Obs.Status;
import org.openmrs.api.ObsService;
import org.openmrs.api.context.Context;
import org.openmrs.module.sync2.host.fhir.FhirObservations;
import org.openmrs.module.sync2.host.writing.ObsVersion;
import org.openmrs.module.sync2.host.writing.Writing;
import org.openmrs.module.sync2.kind.Kind.Privileges;

/** Observations, each by itself: the members of a group name the group. */
final class ObservationKind implements RestType<Obs> {

  /** All of the kind. */
  static Kind kind() {
    return Kind.of("observation")
        .keptIn(Table.of("obs", "obs_id"))
        .heldWhenReferredTo()
        .told("org.openmrs.Obs", Withdrawal.VOIDED, Belonging.OF_PERSON_IN_ENCOUNTER)
        // In FHIR a group names its members. A member is an object of its own besides.
        .part("org.openmrs.Obs", "obsGroup")
        .guardedBy(Privileges.ofData("Observations"))
        .belongs(
            "SELECT x.uuid, l.uuid, p.uuid FROM obs x"
                + " LEFT JOIN encounter e ON e.encounter_id = x.encounter_id"
                + " LEFT JOIN location l ON l.location_id ="
                + " CASE WHEN x.encounter_id IS NULL THEN x.location_id ELSE e.location_id END"
                + " JOIN person p ON p.person_id = COALESCE(e.patient_id, x.person_id)")
        .inRest(new ObservationKind())
        .inFhir(() -> new FhirObservations());
  }

  private static final String VALUE_DATETIME = "valueDatetime";

  @Override
  public Class<Obs> type() {
    return Obs.class;
  }

  @Override
  public Obs find(String uuid) {
    return observations().getObsByUuid(uuid);
  }

  @Override
  public void save(Obs here, String uuid, JsonFields json, Writing writing) {
    String before = json.reference("previousVersion");
    Obs versionBefore = before == null ? null : observations().getObsByUuid(before);
    Obs coming = read(uuid, json);
    coming.setPreviousVersion(versionBefore);
    // It may have been voided before this node had anything of it: then it is not here.
    new ObsVersion(writing).save(here, coming, versionBefore == null ? before : null);
  }

  @Override
  public void remove(Obs here, String reason) {
    if (!here.getVoided()) {
      observations().voidObs(here, reason);
    }
  }

  @Override
  public void purge(Obs here) {
    observations().purgeObs(here);
  }

  private static Obs read(String uuid, JsonFields json) {
    Obs obs = new Obs();
    obs.setUuid(uuid);
    Creation.stamp(obs, json);
    obs.setPerson(References.person(json, "person"));
    obs.setConcept(References.concept(json, "concept"));
    obs.setEncounter(References.encounter(json, "encounter"));
    obs.setOrder(References.order(json, "order"));
    obs.setObsGroup(References.obs(json, "obsGroup"));
    obs.setLocation(References.location(json, "location"));
    obs.setObsDatetime(json.instant("obsDatetime"));
    obs.setAccessionNumber(json.text("accessionNumber"));
    obs.setComment(json.text("comment"));
    obs.setStatus(json.constant("status", Status.class));
    obs.setInterpretation(json.constant("interpretation", Interpretation.class));
    readFormField(obs, json);
    readValue(obs, json);
    return obs;
  }

  private static void readFormField(Obs obs, JsonFields json) {
    String namespace = json.text("formFieldNamespace");
    String path = json.text("formFieldPath");
    if (namespace != null || path != null) {
      obs.setFormField(namespace, path);
    }
  }

  private static void readValue(Obs obs, JsonFields json) {
    obs.setValueCoded(References.concept(json, "valueCoded"));
    obs.setValueCodedName(References.conceptName(json, "valueCodedName"));
    obs.setValueDrug(References.drug(json, "valueDrug"));
    obs.setValueDatetime(valueDatetime(obs.getConcept(), json));
    obs.setValueNumeric(json.number("valueNumeric"));
    obs.setValueModifier(json.text("valueModifier"));
    obs.setValueText(json.text("valueText"));
    obs.setValueComplex(json.text("valueComplex"));
  }

  /** A date or a time of day has no zone: it is here what it is in the parent's forms. */
  private static Date valueDatetime(Concept concept, JsonFields json) {
    ConceptDatatype datatype = concept == null ? null : concept.getDatatype();
    boolean isLocal = datatype != null && (datatype.isDate() || datatype.isTime());
    return isLocal ? json.wallClock(VALUE_DATETIME) : json.instant(VALUE_DATETIME);
  }

  private static ObsService observations() {
    return Context.getObsService();
  }
}
