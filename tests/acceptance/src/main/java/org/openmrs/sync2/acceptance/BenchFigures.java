package org.openmrs.sync2.acceptance;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.openmrs.sync2.acceptance.server.Direction;

/**
 * What the rounds of a benchmark come to. Pure.
 *
 * @param rounds at least one
 * @param target the ratio that is to be reached, where there is one
 */
record BenchFigures(List<Round> rounds, Optional<Double> target) {

  private static final int MANY = 1000;
  private static final double TARGET_OF_MANY = 15;
  private static final double TARGET_OF_A_FEW = 10;

  /** Both contestants, one right after the other, in patients a second. */
  record Round(double module, double serial) {

    double ratio() {
      return module / serial;
    }

    @Override
    public String toString() {
      return text(module, serial, ratio());
    }
  }

  /** How many times as fast as the serial way it must be; nothing where nothing was promised. */
  static Optional<Double> target(Direction direction, int patients) {
    if (patients >= MANY) {
      return Optional.of(TARGET_OF_MANY);
    }
    return direction == Direction.PULL ? Optional.of(TARGET_OF_A_FEW) : Optional.empty();
  }

  /** The median of the ratios of each round, not the ratio of medians. */
  double ratio() {
    return median(Round::ratio);
  }

  private double median(ToDoubleFunction<Round> figure) {
    double[] sorted = rounds.stream().mapToDouble(figure).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("modulePerSecond", median(Round::module));
    json.put("serialPerSecond", median(Round::serial));
    json.put("ratio", ratio());
    target.ifPresent(
        wanted -> {
          json.put("target", wanted);
          json.put("reached", ratio() >= wanted);
        });
    json.put("rounds", rounds);
    return json;
  }

  @Override
  public String toString() {
    String figures = text(median(Round::module), median(Round::serial), ratio());
    return figures
        + target.map(wanted -> String.format(Locale.ROOT, " (to reach: %.0f)", wanted)).orElse("");
  }

  private static String text(double module, double serial, double ratio) {
    return String.format(
        Locale.ROOT,
        "%.1f patients/s through the module, %.1f one request after the other, ratio %.1f",
        module,
        serial,
        ratio);
  }
}
