package org.openmrs.sync2.node.bench;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The measurements of the contestants of one round; {@code exchange} is compared with the others.
 */
final class Laps {

  /** The names of the figures that targets are set for. */
  static final String REQUESTS = "exchangeRequestsPer1000Objects";

  static final String PART_OF_BARE_SAVING = "partOfBareSaving";
  static final String TIMES_THE_REFERENCE = "timesTheReference";

  private static final String RATE = "ObjectsPerSecond";

  private final Parent parent;
  private final Map<String, Double> figures = new LinkedHashMap<>();

  Laps(Parent parent) {
    this.parent = parent;
  }

  /** Runs an engine: its rate, and the requests that the parent counts. */
  void engine(String name, Race race, Contestant engine, ParentLink link) throws Exception {
    long before = parent.requests();
    Race.Lap lap = other(name, race, engine, link);
    double requests = parent.requests() - before;
    figures.put(name + "RequestsPer1000Objects", 1000 * requests / lap.objects());
  }

  /** Runs another contestant: its rate. */
  Race.Lap other(String name, Race race, Contestant contestant, ParentLink link) throws Exception {
    Race.Lap lap = race.run(name, contestant, link);
    figures.put(name + RATE, lap.rate());
    return lap;
  }

  /** All figures by their names. {@code exchange}, {@code reference} and {@code bare} have run. */
  Map<String, Double> figures() {
    double exchange = figures.get("exchange" + RATE);
    figures.put(PART_OF_BARE_SAVING, exchange / figures.get("bare" + RATE));
    figures.put(TIMES_THE_REFERENCE, exchange / figures.get("reference" + RATE));
    return figures;
  }
}
