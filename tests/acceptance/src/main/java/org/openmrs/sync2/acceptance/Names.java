package org.openmrs.sync2.acceptance;

import java.util.concurrent.atomic.AtomicInteger;

/** Names that no other run has used on the same servers. Safe for several threads. */
public final class Names {

  private final String run;
  private final AtomicInteger last = new AtomicInteger();

  /**
   * @param run tells this run from others; letters and digits
   */
  Names(String run) {
    this.run = run;
  }

  /** Such as {@code Clinic 2n9c7f0x 17}. */
  public String next(String what) {
    return what + " " + run + " " + last.incrementAndGet();
  }

  /** The part of every name that tells this run from others. */
  public String run() {
    return run;
  }
}
