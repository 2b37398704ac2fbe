package org.openmrs.module.sync2.kind;

import org.openmrs.EncounterType;
import org.openmrs.api.EncounterService;
import org.openmrs.api.context.Context;
import org.openmrs.module.sync2.host.writing.Writing;
import org.openmrs.module.sync2.kind.Kind.Privileges;

/** Encounter types. */
final class EncounterTypeKind implements RestType<EncounterType> {

  /** All of the kind. */
  static Kind kind() {
    return Kind.of("encounter_type")
        .keptIn(Table.of("encounter_type", "encounter_type_id"))
        .knownBy("name")
        .told("org.openmrs.EncounterType", Withdrawal.RETIRED, Belonging.NOWHERE)
        .guardedBy(Privileges.ofMetadata("Encounter Types"))
        .inRest(new EncounterTypeKind());
  }

  @Override
  public Class<EncounterType> type() {
    return EncounterType.class;
  }

  @Override
  public EncounterType find(String uuid) {
    return service().getEncounterTypeByUuid(uuid);
  }

  @Override
  public void save(EncounterType here, String uuid, JsonFields json, Writing writing) {
    EncounterType type =
        here == null ? MetadataFields.stamped(new EncounterType(), uuid, json) : here;
    MetadataFields.fill(type, json, writing);
    type.setViewPrivilege(References.privilege(json, "viewPrivilege"));
    type.setEditPrivilege(References.privilege(json, "editPrivilege"));
    service().saveEncounterType(type);
  }

  @Override
  public String knownAs(JsonFields json) {
    return MetadataFields.name(json);
  }

  @Override
  public void remove(EncounterType here, String reason) {
    if (!here.getRetired()) {
      service().retireEncounterType(here, reason);
    }
  }

  @Override
  public void purge(EncounterType here) {
    service().purgeEncounterType(here);
  }

  private static EncounterService service() {
    return Context.getEncounterService();
  }
}
