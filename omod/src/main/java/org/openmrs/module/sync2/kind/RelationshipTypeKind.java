package org.openmrs.module.sync2.kind;

import org.openmrs.RelationshipType;
import org.openmrs.api.PersonService;
import org.openmrs.api.context.Context;
import org.openmrs.module.sync2.host.writing.Writing;
import org.openmrs.module.sync2.kind.Kind.Privileges;

/** Types of relationships between two persons. */
final class RelationshipTypeKind implements RestType<RelationshipType> {

  /** All of the kind. */
  static Kind kind() {
    return Kind.of("relationship_type")
        .keptIn(Table.of("relationship_type", "relationship_type_id"))
        .knownBy("CONCAT(a_is_to_b, '/', b_is_to_a)")
        .told("org.openmrs.RelationshipType", Withdrawal.RETIRED, Belonging.NOWHERE)
        .guardedBy(Privileges.ofMetadata("Relationship Types"))
        .inRest(new RelationshipTypeKind());
  }

  @Override
  public Class<RelationshipType> type() {
    return RelationshipType.class;
  }

  @Override
  public RelationshipType find(String uuid) {
    return persons().getRelationshipTypeByUuid(uuid);
  }

  @Override
  public void save(RelationshipType here, String uuid, JsonFields json, Writing writing) {
    RelationshipType type =
        here == null ? MetadataFields.stamped(new RelationshipType(), uuid, json) : here;
    fill(type, json, writing);
    persons().saveRelationshipType(type);
  }

  static void fill(RelationshipType type, JsonFields json, Writing writing) {
    type.setaIsToB(json.text("aIsToB"));
    type.setbIsToA(json.text("bIsToA"));
    type.setDescription(json.text("description"));
    Integer weight = json.whole("weight");
    // The column is never null.
    type.setWeight(weight == null ? Integer.valueOf(0) : weight);
    type.setPreferred(json.isTrue("preferred"));
    MetadataFields.fillRetired(type, json, writing);
  }

  /** It has no name but what the two are to each other. */
  @Override
  public String knownAs(JsonFields json) {
    return json.isTrue("retired") ? null : json.text("aIsToB") + "/" + json.text("bIsToA");
  }

  @Override
  public void remove(RelationshipType here, String reason) {
    if (!here.getRetired()) {
      persons().retireRelationshipType(here, reason);
    }
  }

  @Override
  public void purge(RelationshipType here) {
    persons().purgeRelationshipType(here);
  }

  private static PersonService persons() {
    return Context.getPersonService();
  }
}
