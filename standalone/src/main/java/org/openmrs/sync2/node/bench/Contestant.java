package org.openmrs.sync2.node.bench;

import org.openmrs.sync2.node.NodeServer;

/** One way of getting the parent's objects into a child. */
interface Contestant {

  /**
   * Gets them there. Blocks.
   *
   * @return how many objects the child has received
   * @throws Exception when it is not every one that was to come
   */
  long fill(NodeServer child) throws Exception;
}
