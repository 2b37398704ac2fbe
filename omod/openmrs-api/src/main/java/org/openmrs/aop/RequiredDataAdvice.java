package org.openmrs.aop;

import java.util.Date;
import java.util.List;
import org.openmrs.OpenmrsObject;
import org.openmrs.User;
import org.openmrs.api.handler.RequiredDataHandler;

public class RequiredDataAdvice {

  public static <H extends RequiredDataHandler<OpenmrsObject>> void recursivelyHandle(
      Class<H> handlerType,
      OpenmrsObject openmrsObject,
      User currentUser,
      Date currentDate,
      String other,
      List<OpenmrsObject> alreadyHandled) {
    throw new UnsupportedOperationException();
  }
}
