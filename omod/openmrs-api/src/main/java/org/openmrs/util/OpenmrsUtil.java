package org.openmrs.util;

import java.io.File;

public class OpenmrsUtil {

  public static <Arg1, Arg2 extends Arg1> boolean nullSafeEquals(Arg1 d1, Arg2 d2) {
    throw new UnsupportedOperationException();
  }

  public static File getDirectoryInApplicationDataDirectory(String folderName) {
    throw new UnsupportedOperationException();
  }

  private OpenmrsUtil() {}
}
