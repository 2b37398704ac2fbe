package org.openmrs.module;

public class ModuleFactory {

  public static Module getModuleById(String moduleId) {
    throw new UnsupportedOperationException();
  }
}
