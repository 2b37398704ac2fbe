package org.openmrs.sync2.system;

import java.util.Random;

/** Where random moments come from: another seed each time, unless {@code -Dsync2.seed=N} says. */
final class Seed {

  private Seed() {}

  /**
   * Prints the seed, so that a failure can be looked for again.
   *
   * @param test for people
   */
  static Random random(String test) {
    long seed = Long.getLong("sync2.seed", System.nanoTime());
    System.out.println(test + ": -Dsync2.seed=" + seed);
    return new Random(seed);
  }
}
