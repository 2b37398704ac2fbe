package org.openmrs.module.sync2.host.rest;

import org.openmrs.VisitAttributeType;
import org.openmrs.api.VisitService;
import org.openmrs.api.context.Context;

/** Types of the attributes of visits. */
final class VisitAttributeTypeRest extends AttributeTypeRest<VisitAttributeType> {

  @Override
  public Class<VisitAttributeType> type() {
    return VisitAttributeType.class;
  }

  @Override
  public VisitAttributeType find(String uuid) {
    return service().getVisitAttributeTypeByUuid(uuid);
  }

  @Override
  VisitAttributeType make() {
    return new VisitAttributeType();
  }

  @Override
  void store(VisitAttributeType type) {
    service().saveVisitAttributeType(type);
  }

  @Override
  void retire(VisitAttributeType type, String reason) {
    service().retireVisitAttributeType(type, reason);
  }

  @Override
  public void purge(VisitAttributeType here) {
    service().purgeVisitAttributeType(here);
  }

  private static VisitService service() {
    return Context.getVisitService();
  }
}
