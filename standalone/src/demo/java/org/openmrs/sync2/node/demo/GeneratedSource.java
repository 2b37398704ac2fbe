package org.openmrs.sync2.node.demo;

import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A made-up hospital: the same for the same seed, on every machine. Objects are made one patient at
 * a time, so that memory does not grow with their number.
 *
 * @param patients how many patients
 */
public record GeneratedSource(long seed, int patients) implements ObjectSource {

  @Override
  public long size() {
    return objects().mapToLong(object -> 1).sum();
  }

  @Override
  public LeftOut deliverTo(Consumer<SourceObject> consumer) {
    objects().forEachOrdered(consumer);
    return new LeftOut(new TreeMap<>(), new TreeMap<>());
  }

  private Stream<SourceObject> objects() {
    return Stream.concat(
        new SiteGenerator(new MadeUp(seed, 0)).objects(),
        IntStream.range(0, patients)
            .boxed()
            .flatMap(number -> new PatientGenerator(seed, number).objects().stream()));
  }
}
