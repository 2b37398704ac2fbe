package org.openmrs.sync2.node.bench;

import java.util.List;
import org.openmrs.sync2.node.NodeHost;
import org.openmrs.sync2.node.NodeServer;

/**
 * No synchronization: the same objects, which are in memory, saved in process by one thread. Their
 * events are captured, as at each save.
 *
 * @param objects in the order in which they depend on each other
 */
record BareSaving(List<Content> objects) implements Contestant {

  /** The engine's default of {@code transfer.batchSize}. */
  private static final int BATCH_SIZE = 100;

  @Override
  public long carry(NodeServer child) {
    for (int start = 0; start < objects.size(); start += BATCH_SIZE) {
      int end = Math.min(start + BATCH_SIZE, objects.size());
      save(child.host(), objects.subList(start, end));
    }
    return objects.size();
  }

  private static void save(NodeHost host, List<Content> batch) {
    host.begin();
    try {
      for (Content object : batch) {
        host.save("fhir", object.category(), object.id(), object.document());
      }
      host.commit();
    } catch (RuntimeException e) {
      host.rollback();
      throw e;
    }
  }
}
