package org.openmrs.module.sync2.kind;

import org.openmrs.LocationAttributeType;
import org.openmrs.api.LocationService;
import org.openmrs.api.context.Context;
import org.openmrs.module.sync2.kind.Kind.Privileges;

/** Types of the attributes of locations. */
final class LocationAttributeTypeKind extends AttributeTypeKind<LocationAttributeType> {

  /** All of the kind. */
  static Kind kind() {
    return Kind.of("location_attribute_type")
        .keptIn(Table.of("location_attribute_type", "location_attribute_type_id"))
        .knownBy("name")
        .told("org.openmrs.LocationAttributeType", Withdrawal.RETIRED, Belonging.NOWHERE)
        .guardedBy(Privileges.ofMetadata("Location Attribute Types"))
        .inRest(new LocationAttributeTypeKind());
  }

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
