package org.openmrs.sync2.node.bench;

import ca.uhn.fhir.context.FhirContext;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One run of each contestant of {@link ExchangeBench}, and what is measured of them. */
final class ExchangeRound {

  /** For all contestants alike: as many entries as the engine's own feed has on a page. */
  static final int FEED_PAGE_SIZE = 100;

  /** The names of the figures that targets are set for. */
  static final String REQUESTS = "exchangeRequestsPer1000Objects";

  static final String PART_OF_BARE_SAVING = "partOfBareSaving";
  static final String TIMES_THE_REFERENCE = "timesTheReference";

  private final Race race;
  private final Parent parent;
  private final List<Content> objects;
  private final FhirContext fhir = ReferenceClient.context();

  /**
   * @param objects what the parent has
   */
  ExchangeRound(Race race, Parent parent, List<Content> objects) {
    this.race = race;
    this.parent = parent;
    this.objects = objects;
  }

  /**
   * Runs all. Blocks.
   *
   * @param url the parent's, or that of a line to it
   * @param referenceEvents after how many events the reference client stops
   * @return the figures by their names
   */
  Map<String, Double> run(String url, int referenceEvents) throws Exception {
    Map<String, Double> figures = new LinkedHashMap<>();
    double exchange = pull("exchange", ParentLink.exchange(url), figures);
    pull("ownFeed", ParentLink.ownFeed(url), figures);
    pull("atomfeed", ParentLink.atomfeed(url), figures);
    Contestant client = new ReferenceClient(fhir, url, referenceEvents);
    double reference = rate("reference", client, ParentLink.atomfeed(url), figures);
    double bare = rate("bare", new BareSaving(objects), ParentLink.atomfeed(url), figures);
    figures.put(PART_OF_BARE_SAVING, exchange / bare);
    figures.put(TIMES_THE_REFERENCE, exchange / reference);
    return figures;
  }

  private double pull(String name, ParentLink link, Map<String, Double> figures) throws Exception {
    long before = parent.requests();
    double rate = rate(name, new EnginePull(objects.size()), link, figures);
    double requests = parent.requests() - before;
    figures.put(name + "RequestsPer1000Objects", 1000 * requests / objects.size());
    return rate;
  }

  private double rate(
      String name, Contestant contestant, ParentLink link, Map<String, Double> figures)
      throws Exception {
    double rate = race.rate(name, contestant, link);
    figures.put(name + "ObjectsPerSecond", rate);
    return rate;
  }
}
