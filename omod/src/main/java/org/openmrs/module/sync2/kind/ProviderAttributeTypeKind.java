package org.openmrs.module.sync2.kind;

import org.openmrs.ProviderAttributeType;
import org.openmrs.api.ProviderService;
import org.openmrs.api.context.Context;
import org.openmrs.module.sync2.kind.Kind.Privileges;

/** Types of the attributes of providers. */
final class ProviderAttributeTypeKind extends AttributeTypeKind<ProviderAttributeType> {

  /** All of the kind. */
  static Kind kind() {
    return Kind.of("provider_attribute_type")
        .keptIn(Table.of("provider_attribute_type", "provider_attribute_type_id"))
        .knownBy("name")
        .told("org.openmrs.ProviderAttributeType", Withdrawal.RETIRED, Belonging.NOWHERE)
        // OpenMRS asks for no privilege of their own, nor for any other.
        .guardedBy(Privileges.ofMetadata("Providers"))
        .inRest(new ProviderAttributeTypeKind());
  }

  @Override
  public Class<ProviderAttributeType> type() {
    return ProviderAttributeType.class;
  }

  @Override
  public ProviderAttributeType find(String uuid) {
    return service().getProviderAttributeTypeByUuid(uuid);
  }

  @Override
  ProviderAttributeType make() {
    return new ProviderAttributeType();
  }

  @Override
  void store(ProviderAttributeType type) {
    service().saveProviderAttributeType(type);
  }

  @Override
  void retire(ProviderAttributeType type, String reason) {
    service().retireProviderAttributeType(type, reason);
  }

  @Override
  public void purge(ProviderAttributeType here) {
    service().purgeProviderAttributeType(here);
  }

  private static ProviderService service() {
    return Context.getProviderService();
  }
}
