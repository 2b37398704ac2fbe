package org.openmrs.util;

import java.net.URL;
import java.net.URLClassLoader;

public class OpenmrsClassLoader extends URLClassLoader {

  public static OpenmrsClassLoader getInstance() {
    throw new UnsupportedOperationException();
  }

  private OpenmrsClassLoader() {
    super(new URL[0]);
  }
}
