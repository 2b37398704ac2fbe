package org.openmrs.module.sync2.kind;

import org.openmrs.EncounterRole;
import org.openmrs.api.EncounterService;
import org.openmrs.api.context.Context;
import org.openmrs.module.sync2.host.writing.Writing;
import org.openmrs.module.sync2.kind.Kind.Privileges;

/** The roles of providers in encounters. */
final class EncounterRoleKind implements RestType<EncounterRole> {

  /** All of the kind. */
  static Kind kind() {
    return Kind.of("encounter_role")
        .keptIn(Table.of("encounter_role", "encounter_role_id"))
        .knownBy("name")
        .told("org.openmrs.EncounterRole", Withdrawal.RETIRED, Belonging.NOWHERE)
        .guardedBy(Privileges.ofMetadata("Encounter Roles"))
        .inRest(new EncounterRoleKind());
  }

  @Override
  public Class<EncounterRole> type() {
    return EncounterRole.class;
  }

  @Override
  public EncounterRole find(String uuid) {
    return service().getEncounterRoleByUuid(uuid);
  }

  @Override
  public void save(EncounterRole here, String uuid, JsonFields json, Writing writing) {
    EncounterRole type =
        here == null ? MetadataFields.stamped(new EncounterRole(), uuid, json) : here;
    MetadataFields.fill(type, json, writing);
    service().saveEncounterRole(type);
  }

  @Override
  public String knownAs(JsonFields json) {
    return MetadataFields.name(json);
  }

  @Override
  public void remove(EncounterRole here, String reason) {
    if (!here.getRetired()) {
      service().retireEncounterRole(here, reason);
    }
  }

  @Override
  public void purge(EncounterRole here) {
    service().purgeEncounterRole(here);
  }

  private static EncounterService service() {
    return Context.getEncounterService();
  }
}
