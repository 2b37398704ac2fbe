package org.openmrs.sync2.system;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.TreeSet;

/**
 * The samples of a soak as its report shows them: medians of quarters, and what the last life grew
 * by.
 */
final class SoakFigures {

  private static final int FIRST = 0;
  private static final int THIRD = 2;
  private static final int LAST = 3;

  private final List<SoakSample> samples;

  SoakFigures(List<SoakSample> samples) {
    this.samples = samples;
  }

  /** Adds an object for each node. */
  void addTo(ObjectNode report) {
    for (String node : List.of("parent", "child")) {
      ObjectNode figures = report.putObject(node);
      for (String name : new TreeSet<>(samples.get(0).figures().keySet())) {
        double first = median(node, FIRST, name);
        double third = median(node, THIRD, name);
        double last = median(node, LAST, name);
        figures
            .putObject(name)
            .put("firstQuarter", Math.round(first))
            .put("thirdQuarter", Math.round(third))
            .put("lastQuarter", Math.round(last))
            .put("lastOfFirst", rounded(last / first))
            .put("lastOfThird", rounded(last / third));
      }
    }
  }

  private double median(String node, int quarter, String name) {
    List<Long> values =
        samples.stream()
            .filter(sample -> sample.node().equals(node) && sample.quarter() == quarter)
            .map(sample -> sample.figures().get(name))
            .sorted()
            .toList();
    return values.get(values.size() / 2);
  }

  private static double rounded(double value) {
    return Math.round(value * 1000) / 1000.0;
  }
}
