package org.openmrs.module.sync2.kind;

import org.openmrs.PersonAttributeType;
import org.openmrs.api.PersonService;
import org.openmrs.api.context.Context;
import org.openmrs.module.sync2.host.writing.Writing;
import org.openmrs.module.sync2.kind.Kind.Privileges;

/** Person attribute types. */
final class PersonAttributeTypeKind implements RestType<PersonAttributeType> {

  /** All of the kind. */
  static Kind kind() {
    return Kind.of("person_attribute_type")
        .keptIn(Table.of("person_attribute_type", "person_attribute_type_id"))
        .knownBy("name")
        .told("org.openmrs.PersonAttributeType", Withdrawal.RETIRED, Belonging.NOWHERE)
        .guardedBy(Privileges.ofMetadata("Person Attribute Types"))
        .inRest(new PersonAttributeTypeKind());
  }

  @Override
  public Class<PersonAttributeType> type() {
    return PersonAttributeType.class;
  }

  @Override
  public PersonAttributeType find(String uuid) {
    return service().getPersonAttributeTypeByUuid(uuid);
  }

  @Override
  public void save(PersonAttributeType here, String uuid, JsonFields json, Writing writing) {
    PersonAttributeType type =
        here == null ? MetadataFields.stamped(new PersonAttributeType(), uuid, json) : here;
    MetadataFields.fill(type, json, writing);
    type.setFormat(json.text("format"));
    type.setSortWeight(json.number("sortWeight"));
    type.setSearchable(json.isTrue("searchable"));
    type.setEditPrivilege(References.privilege(json, "editPrivilege"));
    service().savePersonAttributeType(type);
  }

  @Override
  public String knownAs(JsonFields json) {
    return MetadataFields.name(json);
  }

  @Override
  public void remove(PersonAttributeType here, String reason) {
    if (!here.getRetired()) {
      service().retirePersonAttributeType(here, reason);
    }
  }

  @Override
  public void purge(PersonAttributeType here) {
    service().purgePersonAttributeType(here);
  }

  private static PersonService service() {
    return Context.getPersonService();
  }
}
