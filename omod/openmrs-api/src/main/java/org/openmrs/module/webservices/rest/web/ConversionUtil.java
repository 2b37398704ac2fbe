package org.openmrs.module.webservices.rest.web;

import java.lang.reflect.Type;
import org.openmrs.module.webservices.rest.web.representation.Representation;

public class ConversionUtil {

  public static Object convert(Object object, Type toType) {
    throw new UnsupportedOperationException();
  }

  public static <S> Object convertToRepresentation(S o, Representation rep, Class<?> convertAs) {
    throw new UnsupportedOperationException();
  }
}
