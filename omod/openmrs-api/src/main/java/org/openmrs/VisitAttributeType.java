package org.openmrs;

import org.openmrs.attribute.BaseAttributeType;

public class VisitAttributeType extends BaseAttributeType<Visit> {}
