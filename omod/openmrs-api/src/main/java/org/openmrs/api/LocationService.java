package org.openmrs.api;

import org.openmrs.Location;
import org.openmrs.LocationAttributeType;
import org.openmrs.LocationTag;

public interface LocationService {

  Location saveLocation(Location location);

  Location getLocationByUuid(String text);

  LocationTag getLocationTagByUuid(String text);

  Location retireLocation(Location location, String text);

  void purgeLocation(Location location);

  LocationTag saveLocationTag(LocationTag locationTag);

  LocationAttributeType getLocationAttributeTypeByUuid(String text);

  LocationAttributeType saveLocationAttributeType(LocationAttributeType locationAttributeType);

  LocationAttributeType retireLocationAttributeType(
      LocationAttributeType locationAttributeType, String text);

  void purgeLocationAttributeType(LocationAttributeType locationAttributeType);
}
