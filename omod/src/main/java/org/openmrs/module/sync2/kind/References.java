package org.openmrs.module.sync2.kind;

import java.util.function.Function;
import org.openmrs.Concept;
import org.openmrs.ConceptName;
import org.openmrs.Drug;
import org.openmrs.Encounter;
import org.openmrs.EncounterRole;
import org.openmrs.EncounterType;
import org.openmrs.Form;
import org.openmrs.Location;
import org.openmrs.Obs;
import org.openmrs.Order;
import org.openmrs.Patient;
import org.openmrs.PatientIdentifierType;
import org.openmrs.Person;
import org.openmrs.PersonAttributeType;
import org.openmrs.Privilege;
import org.openmrs.Provider;
import org.openmrs.Visit;
import org.openmrs.VisitType;
import org.openmrs.api.context.Context;
import org.openmrs.module.sync2.host.HostSession;
import org.openmrs.sync2.SyncRejectedException;

/**
 * The objects that a document refers to by uuid. A reference that leads nowhere is never dropped:
 * it is a {@link SyncRejectedException} that names it. No reference is null.
 */
final class References {

  private References() {}

  static Concept concept(JsonFields json, String field) {
    return metadata(json, field, "concept", Context.getConceptService()::getConceptByUuid);
  }

  static ConceptName conceptName(JsonFields json, String field) {
    return metadata(json, field, "concept name", Context.getConceptService()::getConceptNameByUuid);
  }

  static Drug drug(JsonFields json, String field) {
    return metadata(json, field, "drug", Context.getConceptService()::getDrugByUuid);
  }

  static Person person(JsonFields json, String field) {
    return find(json, field, "person", Context.getPersonService()::getPersonByUuid);
  }

  static Patient patient(JsonFields json, String field) {
    return find(json, field, "patient", Context.getPatientService()::getPatientByUuid);
  }

  static Location location(JsonFields json, String field) {
    return metadata(json, field, "location", Context.getLocationService()::getLocationByUuid);
  }

  static Provider provider(JsonFields json, String field) {
    return metadata(json, field, "provider", Context.getProviderService()::getProviderByUuid);
  }

  static Visit visit(JsonFields json, String field) {
    return find(json, field, "visit", Context.getVisitService()::getVisitByUuid);
  }

  static VisitType visitType(JsonFields json, String field) {
    return metadata(json, field, "visit type", Context.getVisitService()::getVisitTypeByUuid);
  }

  static Encounter encounter(JsonFields json, String field) {
    return find(json, field, "encounter", Context.getEncounterService()::getEncounterByUuid);
  }

  static EncounterType encounterType(JsonFields json, String field) {
    return metadata(
        json, field, "encounter type", Context.getEncounterService()::getEncounterTypeByUuid);
  }

  static EncounterRole encounterRole(JsonFields json, String field) {
    return metadata(
        json, field, "encounter role", Context.getEncounterService()::getEncounterRoleByUuid);
  }

  static Form form(JsonFields json, String field) {
    return metadata(json, field, "form", Context.getFormService()::getFormByUuid);
  }

  static Order order(JsonFields json, String field) {
    return find(json, field, "order", Context.getOrderService()::getOrderByUuid);
  }

  static Obs obs(JsonFields json, String field) {
    return find(json, field, "observation", Context.getObsService()::getObsByUuid);
  }

  static PatientIdentifierType identifierType(JsonFields json, String field) {
    return metadata(
        json,
        field,
        "patient identifier type",
        Context.getPatientService()::getPatientIdentifierTypeByUuid);
  }

  static PersonAttributeType personAttributeType(JsonFields json, String field) {
    return metadata(
        json,
        field,
        "person attribute type",
        Context.getPersonService()::getPersonAttributeTypeByUuid);
  }

  /** By name: privileges have other uuids on every server. */
  static Privilege privilege(JsonFields json, String field) {
    JsonFields privilege = json.object(field);
    return privilege == null
        ? null
        : required("privilege", privilege.text("name"), Context.getUserService()::getPrivilege);
  }

  private static <T> T metadata(
      JsonFields json, String field, String kind, Function<String, T> finder) {
    return find(json, field, kind, uuid -> HostSession.once(kind, uuid, finder));
  }

  /** For types that are found elsewhere than in one service. */
  static <T> T find(JsonFields json, String field, String kind, Function<String, T> finder) {
    String uuid = json.reference(field);
    return uuid == null ? null : required(kind, uuid, finder);
  }

  static <T> T required(String kind, String name, Function<String, T> finder) {
    T found = finder.apply(name);
    if (found == null) {
      throw new SyncRejectedException("it refers to the " + kind + " " + name + ", not here");
    }
    return found;
  }
}
