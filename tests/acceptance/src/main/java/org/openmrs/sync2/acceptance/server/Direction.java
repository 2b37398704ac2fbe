package org.openmrs.sync2.acceptance.server;

import java.util.Locale;

/** Which way objects travel between the child and its parent. */
public enum Direction {
  PULL,
  PUSH;

  /** As the module's API writes it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
