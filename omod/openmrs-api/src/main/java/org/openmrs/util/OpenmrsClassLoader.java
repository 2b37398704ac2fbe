package org.openmrs.util;

public class OpenmrsClassLoader extends ClassLoader {

  public static OpenmrsClassLoader getInstance() {
    throw new UnsupportedOperationException();
  }
}
