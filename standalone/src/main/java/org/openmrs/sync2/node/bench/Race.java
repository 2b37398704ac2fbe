package org.openmrs.sync2.node.bench;

import java.util.List;
import java.util.Locale;
import org.openmrs.sync2.node.NodeServer;
import org.openmrs.sync2.node.demo.TemporaryFolder;

/**
 * Runs contestants one after the other, each on a child of its own.
 *
 * @param warmUp what each child saves before the clock starts, so that none pays for what a node
 *     does once only
 */
record Race(List<Content> warmUp) {

  /** Objects a second. */
  double rate(String name, Contestant contestant, ParentLink parent) throws Exception {
    try (TemporaryFolder folder = TemporaryFolder.create();
        NodeServer child = NodeServer.start(BenchNodes.child(folder.path(), parent))) {
      new BareSaving(warmUp).fill(child);
      long start = System.nanoTime();
      long objects = contestant.fill(child);
      double rate = objects / ((System.nanoTime() - start) / 1e9);
      System.err.printf(Locale.ROOT, "%s: %d objects, %.1f/s%n", name, objects, rate);
      return rate;
    }
  }
}
