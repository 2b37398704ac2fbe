package org.openmrs;

import org.openmrs.attribute.BaseAttributeType;

public class ConceptAttributeType extends BaseAttributeType<Concept> {}
