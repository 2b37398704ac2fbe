package org.openmrs.module.sync2probe.saving;

import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Date;

/** Days as OpenMRS has them. */
final class Days {

  private Days() {}

  /** Midnight in the server's zone. */
  static Date startOf(LocalDate day) {
    return Date.from(day.atStartOfDay(ZoneId.systemDefault()).toInstant());
  }
}
