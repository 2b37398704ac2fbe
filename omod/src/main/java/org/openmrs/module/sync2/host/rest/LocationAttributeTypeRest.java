package org.openmrs.module.sync2.host.rest;

import org.openmrs.LocationAttributeType;
import org.openmrs.api.LocationService;
import org.openmrs.api.context.Context;

/** Types of the attributes of locations. */
final class LocationAttributeTypeRest extends AttributeTypeRest<LocationAttributeType> {

  @Override
  public Class<LocationAttributeType> type() {
    return LocationAttributeType.class;
  }

  @Override
  public LocationAttributeType find(String uuid) {
    return service().getLocationAttributeTypeByUuid(uuid);
  }

  @Override
  LocationAttributeType make() {
    return new LocationAttributeType();
  }

  @Override
  void store(LocationAttributeType type) {
    service().saveLocationAttributeType(type);
  }

  @Override
  void retire(LocationAttributeType type, String reason) {
    service().retireLocationAttributeType(type, reason);
  }

  @Override
  public void purge(LocationAttributeType here) {
    service().purgeLocationAttributeType(here);
  }

  private static LocationService service() {
    return Context.getLocationService();
  }
}
