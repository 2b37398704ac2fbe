package org.openmrs.sync2.node.bench;

import org.openmrs.sync2.node.NodeServer;

/** One way of getting objects into a child, or from there to its parent. */
interface Contestant {

  /**
   * Gets them there. Blocks.
   *
   * @return how many objects have arrived
   * @throws Exception when it is not every one that was to come
   */
  long carry(NodeServer child) throws Exception;
}
