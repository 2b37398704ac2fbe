package org.openmrs.sync2.node.bench;

import ca.uhn.fhir.context.FhirContext;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * A first pull between two nodes on this machine by the feeds of the atomfeed module and FHIR,
 * beside the reference client and beside saving the same objects without any synchronization.
 */
final class PullBench {

  static final String NAME = "pull";

  private static final int PATIENTS = 100;
  private static final int WARM_UP_PATIENTS = 20;

  /**
   * By then the JVMs' compilers are nearly done, which on two cores take from the contestants. In
   * the sixth round the parent's still take as much time as its own work.
   */
  private static final int WARM_UP_ROUNDS = 16;

  private static final int WARM_UP_REFERENCE_EVENTS = 500;
  private static final int PAIRS = 3;
  private static final int FEED_PAGE_SIZE = 5;
  private static final double TIMES_THE_REFERENCE = 5;
  private static final double PART_OF_BARE_SAVING = 0.5;

  /** Objects a second of each, one run after the other. */
  private record Round(double engine, double reference, double bare) {}

  private final List<Content> objects = Content.generated(1, PATIENTS);
  private final Race race = new Race(Content.generated(2, WARM_UP_PATIENTS));
  private final FhirContext fhir = ReferenceClient.context();

  /** Runs it and gives its line. Takes minutes. */
  ObjectNode run() throws Exception {
    List<Round> rounds = new ArrayList<>();
    try (Parent parent = Parent.start(objects, FEED_PAGE_SIZE)) {
      for (int i = 0; i < WARM_UP_ROUNDS; i++) {
        System.err.println("A round that does not count, to warm up both JVMs:");
        round(parent, WARM_UP_REFERENCE_EVENTS);
      }
      while (rounds.size() < PAIRS) {
        System.err.println("A round:");
        rounds.add(round(parent, Integer.MAX_VALUE));
      }
    }
    return line(rounds);
  }

  private Round round(Parent parent, int referenceEvents) throws Exception {
    ParentLink link = ParentLink.atomfeed(parent.url());
    Contestant reference = ReferenceClient.pulling(fhir, parent.url(), referenceEvents);
    return new Round(
        race.run("engine", new EnginePull(objects.size()), link).rate(),
        race.run("reference", reference, link).rate(),
        race.run("bare saving", new BareSaving(objects), link).rate());
  }

  private ObjectNode line(List<Round> rounds) {
    double toReference = median(rounds, round -> round.engine() / round.reference());
    double toBare = median(rounds, round -> round.engine() / round.bare());
    ObjectNode line = new ObjectMapper().createObjectNode();
    line.put("bench", NAME)
        .put("objects", objects.size())
        .put("pairs", rounds.size())
        .put("feedPageSize", FEED_PAGE_SIZE)
        .put("engineObjectsPerSecond", Figures.rounded(median(rounds, Round::engine)))
        .put("referenceObjectsPerSecond", Figures.rounded(median(rounds, Round::reference)))
        .put("bareObjectsPerSecond", Figures.rounded(median(rounds, Round::bare)))
        .put("timesTheReference", Figures.rounded(toReference))
        .put("partOfBareSaving", Figures.rounded(toBare));
    line.putObject("target")
        .put("timesTheReference", TIMES_THE_REFERENCE)
        .put("partOfBareSaving", PART_OF_BARE_SAVING);
    boolean reached = toReference >= TIMES_THE_REFERENCE && toBare >= PART_OF_BARE_SAVING;
    return line.put("reached", reached);
  }

  private static double median(List<Round> rounds, ToDoubleFunction<Round> figure) {
    return Figures.median(rounds.stream().mapToDouble(figure).boxed().toList());
  }
}
