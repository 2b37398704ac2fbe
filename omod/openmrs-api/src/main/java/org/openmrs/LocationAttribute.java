package org.openmrs;

import org.openmrs.attribute.BaseAttribute;

public class LocationAttribute extends BaseAttribute<LocationAttributeType, Location> {}
