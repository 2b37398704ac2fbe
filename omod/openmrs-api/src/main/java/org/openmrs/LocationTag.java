package org.openmrs;

public class LocationTag extends BaseOpenmrsMetadata {}
