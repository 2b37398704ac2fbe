package org.openmrs.api;

import org.openmrs.Order;

public interface OrderService {

  Order getOrderByUuid(String text);
}
