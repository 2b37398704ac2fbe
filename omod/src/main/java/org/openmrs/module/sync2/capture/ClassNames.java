package org.openmrs.module.sync2.capture;

import java.util.Map;

/** Finding what is known of a class by its name. */
final class ClassNames {

  private ClassNames() {}

  /** What is under the name of the class, or of the nearest that it extends; or null. */
  static <T> T find(Map<String, T> byName, Class<?> of) {
    for (Class<?> type = of; type != null; type = type.getSuperclass()) {
      T found = byName.get(type.getName());
      if (found != null) {
        return found;
      }
    }
    return null;
  }
}
