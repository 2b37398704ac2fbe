package org.openmrs.module.sync2.host.rest;

import org.openmrs.ProviderAttributeType;
import org.openmrs.api.ProviderService;
import org.openmrs.api.context.Context;

/** Types of the attributes of providers. */
final class ProviderAttributeTypeRest extends AttributeTypeRest<ProviderAttributeType> {

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
