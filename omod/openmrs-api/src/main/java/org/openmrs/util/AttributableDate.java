package org.openmrs.util;

import org.openmrs.Attributable;

public class AttributableDate implements Attributable<AttributableDate> {

  public AttributableDate(long time) {
    throw new UnsupportedOperationException();
  }

  public String serialize() {
    throw new UnsupportedOperationException();
  }
}
