package org.openmrs;

public class Order extends BaseCustomizableData<OrderAttribute> {}
