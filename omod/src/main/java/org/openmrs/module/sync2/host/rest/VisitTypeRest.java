package org.openmrs.module.sync2.host.rest;

import org.openmrs.VisitType;
import org.openmrs.api.VisitService;
import org.openmrs.api.context.Context;

/** Visit types. */
final class VisitTypeRest implements RestType<VisitType> {

  @Override
  public Class<VisitType> type() {
    return VisitType.class;
  }

  @Override
  public VisitType find(String uuid) {
    return service().getVisitTypeByUuid(uuid);
  }

  @Override
  public void save(VisitType here, String uuid, JsonFields json) {
    VisitType type = here == null ? MetadataFields.stamped(new VisitType(), uuid, json) : here;
    MetadataFields.fill(type, json);
    service().saveVisitType(type);
  }

  @Override
  public void remove(VisitType here) {
    if (!here.getRetired()) {
      service().retireVisitType(here, Parts.REMOVED_AT_THE_PARENT);
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
