package org.openmrs.sync2.node.bench;

import ca.uhn.fhir.context.FhirContext;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.ToDoubleFunction;
import org.openmrs.sync2.node.bench.SlowLine.Quality;

/**
 * A first pull over slow lines by the feeds of the atomfeed module and FHIR, beside the reference
 * client, with few and with many entries on a page of the feed. The reference client, which takes
 * seconds for an object, brings only the first objects.
 */
final class SlowLineBench {

  static final String NAME = "slow-line";

  private static final int PATIENTS = 30;
  private static final int WARM_UP_PATIENTS = 20;
  private static final int REFERENCE_EVENTS = 30;
  private static final int PAIRS = 3;
  private static final int[] FEED_PAGE_SIZES = {5, 100};
  private static final List<Quality> QUALITIES =
      List.of(
          new Quality(300, OptionalLong.empty()),
          new Quality(600, OptionalLong.empty()),
          new Quality(0, OptionalLong.of(1_000_000)));
  private static final Quality OF_THE_TARGET = QUALITIES.get(1);
  private static final int PAGE_SIZE_OF_THE_TARGET = 100;
  private static final double TIMES_THE_REFERENCE = 40;

  /**
   * One run.
   *
   * @param rate objects a second
   * @param bytes on the line for each object
   */
  private record Lap(double rate, double bytes) {}

  private record Pair(Lap engine, Lap reference) {}

  private final Path proxy;
  private final List<Content> objects = Content.generated(1, PATIENTS);
  private final Race race = new Race(Content.generated(2, WARM_UP_PATIENTS));
  private final FhirContext fhir = ReferenceClient.context();

  /**
   * @param proxy the program of {@link SlowLine}
   */
  SlowLineBench(Path proxy) {
    this.proxy = proxy;
  }

  /** Runs it and prints a line for each kind of line and page. Takes minutes. */
  void run() throws Exception {
    for (int pageSize : FEED_PAGE_SIZES) {
      try (Parent parent = Parent.start(objects, pageSize)) {
        System.err.println("A pair that does not count, to warm up both JVMs:");
        pair(parent.url(), new Quality(0, OptionalLong.empty()));
        for (Quality quality : QUALITIES) {
          System.out.println(line(quality, pageSize, pairs(parent.url(), quality)));
        }
      }
    }
  }

  private List<Pair> pairs(String parentUrl, Quality quality) throws Exception {
    List<Pair> pairs = new ArrayList<>();
    while (pairs.size() < PAIRS) {
      pairs.add(pair(parentUrl, quality));
    }
    return pairs;
  }

  private Pair pair(String parentUrl, Quality quality) throws Exception {
    try (SlowLine line = SlowLine.open(proxy, parentUrl, quality)) {
      String url = line.url();
      Contestant reference = ReferenceClient.pulling(fhir, url, REFERENCE_EVENTS);
      return new Pair(
          lap("engine, " + quality, new EnginePull(objects.size()), line, objects.size()),
          lap("reference, " + quality, reference, line, REFERENCE_EVENTS));
    }
  }

  private Lap lap(String name, Contestant contestant, SlowLine line, int events) throws Exception {
    long before = line.bytes();
    double rate = race.run(name, contestant, ParentLink.atomfeed(line.url())).rate();
    return new Lap(rate, (double) (line.bytes() - before) / events);
  }

  private ObjectNode line(Quality quality, int pageSize, List<Pair> pairs) {
    double ratio = median(pairs, pair -> pair.engine().rate() / pair.reference().rate());
    ObjectNode line = new ObjectMapper().createObjectNode();
    line.put("bench", NAME)
        .put("roundTripMillis", quality.roundTripMillis())
        .put("feedPageSize", pageSize)
        .put("engineObjects", objects.size())
        .put("referenceObjects", REFERENCE_EVENTS)
        .put("pairs", pairs.size())
        .put("engineObjectsPerSecond", rounded(pairs, pair -> pair.engine().rate()))
        .put("referenceObjectsPerSecond", rounded(pairs, pair -> pair.reference().rate()))
        .put("timesTheReference", Figures.rounded(ratio))
        .put("engineBytesPerObject", rounded(pairs, pair -> pair.engine().bytes()))
        .put("referenceBytesPerObject", rounded(pairs, pair -> pair.reference().bytes()));
    quality.bitsPerSecond().ifPresent(bits -> line.put("bitsPerSecond", bits));
    if (quality.equals(OF_THE_TARGET) && pageSize == PAGE_SIZE_OF_THE_TARGET) {
      line.putObject("target").put("timesTheReference", TIMES_THE_REFERENCE);
      line.put("reached", ratio >= TIMES_THE_REFERENCE);
    }
    return line;
  }

  private static BigDecimal rounded(List<Pair> pairs, ToDoubleFunction<Pair> figure) {
    return Figures.rounded(median(pairs, figure));
  }

  private static double median(List<Pair> pairs, ToDoubleFunction<Pair> figure) {
    return Figures.median(pairs.stream().mapToDouble(figure).boxed().toList());
  }
}
