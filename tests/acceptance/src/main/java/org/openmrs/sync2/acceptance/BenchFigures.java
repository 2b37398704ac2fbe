package org.openmrs.sync2.acceptance;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.function.ToDoubleFunction;
import org.openmrs.sync2.acceptance.server.Direction;

/**
 * What the rounds of a benchmark come to. Pure.
 *
 * @param rounds at least one, all with the same contestants
 * @param target how many times as fast as the serial way it must be, where that was promised
 */
record BenchFigures(Direction direction, List<Round> rounds, Optional<Double> target) {

  private static final int MANY = 1000;
  private static final double TARGET_OF_MANY = 15;
  private static final double TARGET_OF_A_FEW = 10;

  /** All contestants, one right after the other. */
  record Round(Map<Contestant, Measured> parts) {

    private double perSecond(Contestant contestant) {
      return parts.get(contestant).perSecond();
    }

    /** The module's rate as a multiple of another one's. */
    private double rateOf(Contestant other) {
      return perSecond(Contestant.module) / perSecond(other);
    }

    private Map<String, Object> json() {
      Map<String, Object> json = new LinkedHashMap<>();
      parts.forEach((contestant, measured) -> json.put(contestant.name(), measured.json()));
      return json;
    }

    /** The rates. */
    @Override
    public String toString() {
      return rates(this::perSecond, parts);
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
  private double rateOf(Contestant other) {
    return median(round -> round.rateOf(other));
  }

  /** The same of the CPU for each object; not a number where no process is known. */
  private double cpuOfBare(ToDoubleFunction<Measured> cpu) {
    return median(
        round ->
            cpu.applyAsDouble(round.parts().get(Contestant.module))
                / cpu.applyAsDouble(round.parts().get(Contestant.bare)));
  }

  private boolean has(Contestant contestant) {
    return rounds.get(0).parts().containsKey(contestant);
  }

  private double perSecond(Contestant contestant) {
    return median(round -> round.perSecond(contestant));
  }

  private double median(ToDoubleFunction<Round> figure) {
    double[] sorted = rounds.stream().mapToDouble(figure).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    rounds
        .get(0)
        .parts()
        .keySet()
        .forEach(contestant -> json.put(contestant.name() + "PerSecond", perSecond(contestant)));
    if (has(Contestant.serial)) {
      json.put("ofSerial", rateOf(Contestant.serial));
      target.ifPresent(
          wanted -> {
            json.put("target", wanted);
            json.put("reached", rateOf(Contestant.serial) >= wanted);
          });
    }
    if (has(Contestant.bare)) {
      json.put("ofBare", rateOf(Contestant.bare));
      Map<String, Double> cpu = cpuOfBare();
      if (!cpu.isEmpty()) {
        json.put("cpuOfBare", cpu);
      }
    }
    json.put("rounds", rounds.stream().map(Round::json).toList());
    return json;
  }

  /**
   * The CPU of the server that saves, and of all processes that are known, as a multiple of what
   * bare saving takes. Empty where they are not on this machine.
   */
  private Map<String, Double> cpuOfBare() {
    ServerProcess server = ServerProcess.destination(direction);
    Map<String, Double> cpu = new LinkedHashMap<>();
    cpu.put(server.name(), cpuOfBare(measured -> measured.cpuOfEach(server)));
    cpu.put("all", cpuOfBare(Measured::cpuOfEach));
    cpu.values().removeIf(ratio -> !Double.isFinite(ratio));
    return cpu;
  }

  @Override
  public String toString() {
    StringJoiner text = new StringJoiner("; ");
    text.add(rates(this::perSecond, rounds.get(0).parts()));
    if (has(Contestant.serial)) {
      text.add(
          number("%.1f", rateOf(Contestant.serial))
              + " times the serial way"
              + target.map(wanted -> number(" (to reach: %.0f)", wanted)).orElse(""));
    }
    if (has(Contestant.bare)) {
      text.add(number("%.2f", rateOf(Contestant.bare)) + " of OpenMRS alone");
      cpuOfBare()
          .forEach((of, ratio) -> text.add("CPU, " + of + ": " + number("%.2f", ratio) + " times"));
    }
    return text.toString();
  }

  private static String rates(
      ToDoubleFunction<Contestant> perSecond, Map<Contestant, Measured> parts) {
    StringJoiner text = new StringJoiner(", ");
    parts
        .keySet()
        .forEach(
            contestant ->
                text.add(
                    number("%.1f/s ", perSecond.applyAsDouble(contestant)) + contestant.words()));
    return text.toString();
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
