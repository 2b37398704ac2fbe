package org.openmrs;

import org.openmrs.attribute.BaseAttribute;

public class ConceptAttribute extends BaseAttribute<ConceptAttributeType, Concept> {}
