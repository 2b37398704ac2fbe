package org.openmrs.sync2.acceptance;

import org.openmrs.sync2.acceptance.server.SerialHttp;

/** What travels in a benchmark, and how each contestant brings it. */
interface Load {

  /** Makes what is to travel, where the way begins. */
  Cohort write(Way way, int patients) throws Exception;

  /** How many objects that is. */
  int objects(int patients);

  /** Brings what was made of a patient by one request after the other. */
  void copy(SerialHttp serial, String patient) throws Exception;

  /**
   * Has as much saved where the way ends, by OpenMRS alone.
   *
   * @return the seconds that it took
   */
  double saveAlone(Way way, int patients) throws Exception;
}
