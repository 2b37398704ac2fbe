package org.openmrs.sync2.node.bench;

import ca.uhn.fhir.context.FhirContext;
import java.util.List;
import java.util.Map;

/**
 * First pulls of the same objects, each by a child of its own.
 *
 * @param warmUp what each child has before
 * @param objects what the parent has
 */
record PullRound(FhirContext fhir, Parent parent, List<Content> warmUp, List<Content> objects)
    implements ExchangeRound {

  @Override
  public String direction() {
    return "pull";
  }

  @Override
  public Map<String, Double> run(String url, ExchangeBench.Course course) throws Exception {
    Race race = new Race(warmUp);
    Contestant pull = new EnginePull(objects.size());
    Laps laps = new Laps(parent);
    laps.engine("exchange", race, pull, ParentLink.exchange(url));
    laps.engine("lists", race, pull, ParentLink.lists(url));
    laps.engine("ownFeed", race, pull, ParentLink.ownFeed(url));
    laps.engine("atomfeed", race, pull, ParentLink.atomfeed(url));
    Contestant client = ReferenceClient.pulling(fhir, url, course.referenceEvents());
    laps.other("reference", race, client, ParentLink.atomfeed(url));
    laps.other("bare", race, new BareSaving(objects), ParentLink.atomfeed(url));
    return laps.figures();
  }
}
