package org.openmrs;

public class Drug extends BaseOpenmrsMetadata {}
