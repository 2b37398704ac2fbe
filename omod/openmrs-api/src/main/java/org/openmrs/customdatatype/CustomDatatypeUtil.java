package org.openmrs.customdatatype;

public class CustomDatatypeUtil {

  public static void saveAttributesIfNecessary(Customizable<?> customizable) {
    throw new UnsupportedOperationException();
  }

  private CustomDatatypeUtil() {}
}
