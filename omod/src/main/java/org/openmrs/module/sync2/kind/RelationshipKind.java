package org.openmrs.module.sync2.kind;

import org.openmrs.Relationship;
import org.openmrs.RelationshipType;
import org.openmrs.api.PersonService;
import org.openmrs.api.context.Context;
import org.openmrs.module.sync2.host.writing.Removal;
import org.openmrs.module.sync2.host.writing.Writing;
import org.openmrs.module.sync2.kind.Kind.Privileges;

/** Relationships between two persons, who may be patients. */
final class RelationshipKind implements RestType<Relationship> {

  /** All of the kind. In FHIR it is a RelatedPerson, which OpenMRS's FHIR module cannot save. */
  static Kind kind() {
    return Kind.of("relationship")
        .keptIn(Table.of("relationship", "relationship_id"))
        .told("org.openmrs.Relationship", Withdrawal.VOIDED, Belonging.NOWHERE)
        .guardedBy(Privileges.ofData("Relationships"))
        .belongs(PlaceQuery.ofPatients("relationship", "x.person_a", "x.person_b"))
        .inRest(new RelationshipKind());
  }

  @Override
  public Class<Relationship> type() {
    return Relationship.class;
  }

  @Override
  public Relationship find(String uuid) {
    return persons().getRelationshipByUuid(uuid);
  }

  @Override
  public void save(Relationship here, String uuid, JsonFields json, Writing writing) {
    Relationship relationship = here == null ? create(uuid, json) : here;
    Removal.restore(relationship);
    relationship.setPersonA(References.person(json, "personA"));
    relationship.setRelationshipType(type(json));
    relationship.setPersonB(References.person(json, "personB"));
    relationship.setStartDate(json.instant("startDate"));
    relationship.setEndDate(json.instant("endDate"));
    writing.store(relationship);
  }

  private static RelationshipType type(JsonFields json) {
    return References.find(
        json, "relationshipType", "relationship type", persons()::getRelationshipTypeByUuid);
  }

  @Override
  public void remove(Relationship here, String reason) {
    if (!here.getVoided()) {
      persons().voidRelationship(here, reason);
    }
  }

  @Override
  public void purge(Relationship here) {
    persons().purgeRelationship(here);
  }

  private static Relationship create(String uuid, JsonFields json) {
    Relationship relationship = new Relationship();
    relationship.setUuid(uuid);
    Creation.stamp(relationship, json);
    return relationship;
  }

  private static PersonService persons() {
    return Context.getPersonService();
  }
}
