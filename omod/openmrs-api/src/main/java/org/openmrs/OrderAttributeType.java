package org.openmrs;

import org.openmrs.attribute.BaseAttributeType;

public class OrderAttributeType extends BaseAttributeType<Order> {}
