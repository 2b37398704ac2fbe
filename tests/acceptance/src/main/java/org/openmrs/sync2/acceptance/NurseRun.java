package org.openmrs.sync2.acceptance;

import java.util.Locale;

/**
 * A run of the module while nurses save where its objects arrive.
 *
 * @param before their saves without it
 * @param meanwhile their saves from its start to its end
 */
record NurseRun(Measured run, SaveTimes before, SaveTimes meanwhile) {

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%.1f/s while nurses save: %s; before: %s",
        run.perSecond(),
        meanwhile,
        before);
  }
}
