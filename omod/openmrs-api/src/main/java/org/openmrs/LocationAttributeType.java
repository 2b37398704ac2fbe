package org.openmrs;

import org.openmrs.attribute.BaseAttributeType;

public class LocationAttributeType extends BaseAttributeType<Location> {}
