package org.openmrs;

public interface OpenmrsObject {

  String getUuid();
}
