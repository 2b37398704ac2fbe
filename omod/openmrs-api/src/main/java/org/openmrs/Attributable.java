package org.openmrs;

public interface Attributable<E> {

  String serialize();
}
