package org.openmrs.module.sync2.kind;

import org.openmrs.VisitAttributeType;
import org.openmrs.api.VisitService;
import org.openmrs.api.context.Context;
import org.openmrs.module.sync2.kind.Kind.Privileges;

/** Types of the attributes of visits. */
final class VisitAttributeTypeKind extends AttributeTypeKind<VisitAttributeType> {

  /** All of the kind. */
  static Kind kind() {
    return Kind.of("visit_attribute_type")
        .keptIn(Table.of("visit_attribute_type", "visit_attribute_type_id"))
        .knownBy("name")
        .told("org.openmrs.VisitAttributeType", Withdrawal.RETIRED, Belonging.NOWHERE)
        .guardedBy(Privileges.ofMetadata("Visit Attribute Types"))
        .inRest(new VisitAttributeTypeKind());
  }

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
