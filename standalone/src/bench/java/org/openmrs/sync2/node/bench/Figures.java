package org.openmrs.sync2.node.bench;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;

/** The parts of a benchmark's lines. */
final class Figures {

  private static final int DECIMALS = 2;

  private Figures() {}

  /** The median; of an even number of values the upper one. */
  static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }

  /** As a line shows it. */
  static BigDecimal rounded(double value) {
    return BigDecimal.valueOf(value).setScale(DECIMALS, RoundingMode.HALF_UP);
  }
}
