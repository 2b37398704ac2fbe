package org.openmrs.sync2.node.bench;

import ca.uhn.fhir.context.FhirContext;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * First pushes, each by a child of its own and of objects of its own, which the parent does not
 * have.
 *
 * @param warmUp what the child has that saves without pushing
 * @param patients how many patients each child has, with what belongs to them
 * @param seed what the next child's objects are made up from
 */
record PushRound(
    FhirContext fhir, Parent parent, List<Content> warmUp, int patients, AtomicLong seed)
    implements ExchangeRound {

  @Override
  public String direction() {
    return "push";
  }

  @Override
  public Map<String, Double> run(String url, ExchangeBench.Course course) throws Exception {
    Laps laps = new Laps(parent);
    push(laps, "exchange", newObjects(patients), ParentLink.exchange(url));
    push(laps, "plain", newObjects(course.plainPatients()), ParentLink.ownFeed(url));
    Contestant client = ReferenceClient.pushing(fhir, url, course.referenceEvents());
    laps.other("reference", new Race(newObjects(patients)), client, ParentLink.ownFeed(url));
    Contestant saving = new BareSaving(newObjects(patients));
    laps.other("bare", new Race(warmUp), saving, ParentLink.ownFeed(url));
    return laps.figures();
  }

  private void push(Laps laps, String name, List<Content> objects, ParentLink link)
      throws Exception {
    laps.engine(name, new Race(objects), new EnginePush(objects.size()), link);
  }

  private List<Content> newObjects(int ofPatients) {
    return Content.generated(seed.getAndIncrement(), ofPatients);
  }
}
