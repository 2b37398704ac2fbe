package org.openmrs.sync2.node.bench;

import org.openmrs.sync2.SyncRun;
import org.openmrs.sync2.node.NodeServer;

/**
 * The engine: one first pull.
 *
 * @param objects how many objects the parent has
 */
record EnginePull(long objects) implements Contestant {

  @Override
  public long carry(NodeServer child) {
    return requireApplied(child.engine().pull(), objects);
  }

  /**
   * @return that number
   * @throws IllegalStateException with the reason when the run applied another number of objects
   */
  static long requireApplied(SyncRun run, long objects) {
    if (run.counts().getOrDefault("APPLIED", 0L) != objects) {
      String why = run.error() == null ? "" : ": " + run.error().message();
      throw new IllegalStateException("The run was " + run.state() + " " + run.counts() + why);
    }
    return objects;
  }
}
