package org.openmrs.util;

public class Security {

  public static String encrypt(String text, byte[] initVector, byte[] secretKey) {
    throw new UnsupportedOperationException();
  }

  public static String decrypt(String text, byte[] initVector, byte[] secretKey) {
    throw new UnsupportedOperationException();
  }

  public static byte[] getSavedInitVector() {
    throw new UnsupportedOperationException();
  }

  public static byte[] getSavedSecretKey() {
    throw new UnsupportedOperationException();
  }

  private Security() {}
}
