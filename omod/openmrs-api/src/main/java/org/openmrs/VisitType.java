package org.openmrs;

public class VisitType extends BaseOpenmrsMetadata {}
