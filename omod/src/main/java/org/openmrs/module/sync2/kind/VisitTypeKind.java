package org.openmrs.module.sync2.kind;

import org.openmrs.VisitType;
import org.openmrs.api.VisitService;
import org.openmrs.api.context.Context;
import org.openmrs.module.sync2.host.writing.Writing;
import org.openmrs.module.sync2.kind.Kind.Privileges;

/** Visit types. */
final class VisitTypeKind implements RestType<VisitType> {

  /** All of the kind. */
  static Kind kind() {
    return Kind.of("visittype")
        .keptIn(Table.of("visit_type", "visit_type_id"))
        .knownBy("name")
        .told("org.openmrs.VisitType", Withdrawal.RETIRED, Belonging.NOWHERE)
        .guardedBy(Privileges.ofMetadata("Visit Types"))
        .inRest(new VisitTypeKind());
  }

  @Override
  public Class<VisitType> type() {
    return VisitType.class;
  }

  @Override
  public VisitType find(String uuid) {
    return service().getVisitTypeByUuid(uuid);
  }

  @Override
  public void save(VisitType here, String uuid, JsonFields json, Writing writing) {
    VisitType type = here == null ? MetadataFields.stamped(new VisitType(), uuid, json) : here;
    MetadataFields.fill(type, json, writing);
    service().saveVisitType(type);
  }

  @Override
  public String knownAs(JsonFields json) {
    return MetadataFields.name(json);
  }

  @Override
  public void remove(VisitType here, String reason) {
    if (!here.getRetired()) {
      service().retireVisitType(here, reason);
    }
  }

  @Override
  public void purge(VisitType here) {
    service().purgeVisitType(here);
  }

  private static VisitService service() {
    return Context.getVisitService();
  }
}
