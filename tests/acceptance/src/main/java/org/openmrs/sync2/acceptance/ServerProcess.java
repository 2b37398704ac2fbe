package org.openmrs.sync2.acceptance;

import org.openmrs.sync2.acceptance.server.Direction;

/** The processes that take CPU for what the benchmark measures. */
enum ServerProcess {
  parent,
  child,
  database;

  /** The one that saves. */
  static ServerProcess destination(Direction direction) {
    return direction == Direction.PULL ? child : parent;
  }
}
