package org.openmrs;

import org.openmrs.attribute.BaseAttribute;

public class VisitAttribute extends BaseAttribute<VisitAttributeType, Visit> {}
