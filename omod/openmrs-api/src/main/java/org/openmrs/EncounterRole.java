package org.openmrs;

public class EncounterRole extends BaseOpenmrsMetadata {}
