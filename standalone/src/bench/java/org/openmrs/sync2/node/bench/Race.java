package org.openmrs.sync2.node.bench;

import java.util.List;
import java.util.Locale;
import org.openmrs.sync2.node.NodeServer;
import org.openmrs.sync2.node.demo.TemporaryFolder;

/**
 * Runs contestants one after the other, each on a child of its own.
 *
 * @param stock what each child saves before the clock starts: what it is to push, or anything, so
 *     that none pays for what a node does once only
 */
record Race(List<Content> stock) {

  /** The work of a contestant. */
  record Lap(long objects, double seconds) {

    /** Objects a second. */
    double rate() {
      return objects / seconds;
    }
  }

  /** One contestant's lap. Blocks. */
  Lap run(String name, Contestant contestant, ParentLink parent) throws Exception {
    try (TemporaryFolder folder = TemporaryFolder.create();
        NodeServer child = NodeServer.start(BenchNodes.child(folder.path(), parent))) {
      new BareSaving(stock).carry(child);
      child.publishEvents();
      long start = System.nanoTime();
      long objects = contestant.carry(child);
      Lap lap = new Lap(objects, (System.nanoTime() - start) / 1e9);
      System.err.printf(Locale.ROOT, "%s: %d objects, %.1f/s%n", name, objects, lap.rate());
      return lap;
    }
  }
}
