package org.openmrs;

public interface Auditable extends Creatable {}
