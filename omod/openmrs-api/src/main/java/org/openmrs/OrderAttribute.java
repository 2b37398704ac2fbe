package org.openmrs;

import org.openmrs.attribute.BaseAttribute;

public class OrderAttribute extends BaseAttribute<OrderAttributeType, Order> {}
