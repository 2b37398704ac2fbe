package org.openmrs.sync2.node.bench;

import ca.uhn.fhir.context.FhirContext;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.openmrs.sync2.node.bench.SlowLine.Quality;

/**
 * Two nodes that both have the engine, pulling and pushing: through the exchange, beside the plain
 * ways, the reference client and saving without any synchronization, on lines with delay.
 */
final class ExchangeBench {

  static final String NAME = "exchange";

  private static final int PATIENTS = 60;
  private static final int WARM_UP_PATIENTS = 20;

  /** The seed of the first child's objects: the parent's and the warm-up have those before. */
  private static final long FIRST_PUSHED = 3;

  /** For all contestants alike: as many entries as the engine's own feed has on a page. */
  private static final int FEED_PAGE_SIZE = 100;

  private static final int WARM_UP_ROUNDS = 3;

  private static final double MOST_REQUESTS = 25;

  /** Delay leaves little to chance, and the plain ways take long: one round will do. */
  private static final List<Course> COURSES =
      List.of(
          new Course(0, 3, 300, PATIENTS, Map.of(Laps.PART_OF_BARE_SAVING, 0.6)),
          new Course(300, 1, 30, 4, Map.of()),
          new Course(600, 1, 30, 4, Map.of(Laps.TIMES_THE_REFERENCE, 100.0)));

  /**
   * The measurements on one kind of line.
   *
   * @param rounds of which the medians count
   * @param referenceEvents after how many events the reference client stops
   * @param plainPatients of how many patients the plain push brings the objects, each of which
   *     takes it some round trips
   * @param least the figures that are to be reached
   */
  record Course(
      int roundTripMillis,
      int rounds,
      int referenceEvents,
      int plainPatients,
      Map<String, Double> least) {}

  private final Path proxy;
  private final List<Content> objects = Content.generated(1, PATIENTS);
  private final List<Content> warmUp = Content.generated(2, WARM_UP_PATIENTS);

  /**
   * @param proxy the program of {@link SlowLine}
   */
  ExchangeBench(Path proxy) {
    this.proxy = proxy;
  }

  /** Runs it and prints a line for each direction and kind of line. Takes minutes. */
  void run() throws Exception {
    FhirContext fhir = ReferenceClient.context();
    try (Parent parent = Parent.start(objects, FEED_PAGE_SIZE)) {
      run(parent, new PullRound(fhir, parent, warmUp, objects));
      run(parent, new PushRound(fhir, parent, warmUp, PATIENTS, new AtomicLong(FIRST_PUSHED)));
    }
  }

  private void run(Parent parent, ExchangeRound round) throws Exception {
    for (int i = 0; i < WARM_UP_ROUNDS; i++) {
      System.err.println("A " + round.direction() + " that does not count, to warm up both JVMs:");
      round.run(parent.url(), COURSES.get(0));
    }
    for (Course course : COURSES) {
      System.out.println(line(round, course, rounds(parent.url(), round, course)));
    }
  }

  private List<Map<String, Double>> rounds(String parentUrl, ExchangeRound round, Course course)
      throws Exception {
    Quality quality = new Quality(course.roundTripMillis(), OptionalLong.empty());
    List<Map<String, Double>> rounds = new ArrayList<>();
    try (SlowLine line = SlowLine.open(proxy, parentUrl, quality)) {
      while (rounds.size() < course.rounds()) {
        System.err.println("A round at " + quality + ":");
        rounds.add(round.run(line.url(), course));
      }
    }
    return rounds;
  }

  private ObjectNode line(ExchangeRound round, Course course, List<Map<String, Double>> rounds) {
    Map<String, Double> figures = medians(rounds);
    ObjectNode line = new ObjectMapper().createObjectNode();
    line.put("bench", NAME)
        .put("direction", round.direction())
        .put("roundTripMillis", course.roundTripMillis())
        .put("patients", PATIENTS)
        .put("referenceObjects", course.referenceEvents())
        .put("rounds", rounds.size());
    figures.forEach((name, figure) -> line.put(name, Figures.rounded(figure)));
    ObjectNode target = line.putObject("target").put(Laps.REQUESTS, MOST_REQUESTS);
    course.least().forEach(target::put);
    boolean reached =
        figures.get(Laps.REQUESTS) <= MOST_REQUESTS
            && course.least().keySet().stream()
                .allMatch(name -> figures.get(name) >= course.least().get(name));
    return line.put("reached", reached);
  }

  private static Map<String, Double> medians(List<Map<String, Double>> rounds) {
    Map<String, Double> medians = new LinkedHashMap<>();
    for (String name : rounds.get(0).keySet()) {
      medians.put(name, Figures.median(rounds.stream().map(round -> round.get(name)).toList()));
    }
    return medians;
  }
}
