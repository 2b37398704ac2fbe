package org.openmrs.sync2.node.bench;

import org.openmrs.sync2.node.NodeServer;

/**
 * The engine: one first push.
 *
 * @param objects how many objects the child has, none of which the parent has
 */
record EnginePush(long objects) implements Contestant {

  @Override
  public long carry(NodeServer child) {
    return EnginePull.requireApplied(child.engine().push(), objects);
  }
}
