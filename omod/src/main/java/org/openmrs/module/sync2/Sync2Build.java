package org.openmrs.module.sync2;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** Which build of the module this is. */
public final class Sync2Build {

  private static final Properties PROPERTIES = read();

  private Sync2Build() {}

  /** The version of the module and of the engine in it, such as {@code 0.2.0}. */
  public static String version() {
    return PROPERTIES.getProperty("version");
  }

  /**
   * The commit that it was built from: 40 hexadecimal digits, with {@code -dirty} at the end when
   * the sources differed from it; {@code unknown} when they were not in Git.
   */
  public static String commit() {
    return PROPERTIES.getProperty("commit");
  }

  private static Properties read() {
    Properties properties = new Properties();
    try (InputStream file = Sync2Build.class.getResourceAsStream("build.properties")) {
      properties.load(file);
    } catch (IOException e) {
      throw new UncheckedIOException("the module's own build.properties cannot be read", e);
    }
    return properties;
  }
}
