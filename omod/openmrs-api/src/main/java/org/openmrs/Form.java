package org.openmrs;

public class Form extends BaseOpenmrsMetadata {}
