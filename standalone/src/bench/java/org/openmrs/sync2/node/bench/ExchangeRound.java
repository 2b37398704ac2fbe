package org.openmrs.sync2.node.bench;

import java.util.Map;

/** One run of each contestant of {@link ExchangeBench} in one direction. */
interface ExchangeRound {

  /** {@code pull} or {@code push}. */
  String direction();

  /**
   * Runs all. Blocks.
   *
   * @param url the parent's, or that of a line to it
   * @return the figures of {@link Laps} by their names
   */
  Map<String, Double> run(String url, ExchangeBench.Course course) throws Exception;
}
