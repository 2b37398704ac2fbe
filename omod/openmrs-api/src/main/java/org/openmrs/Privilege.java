package org.openmrs;

public class Privilege extends BaseOpenmrsMetadata {}
