package org.openmrs.sync2.node.demo;

import java.io.IOException;
import java.util.function.Consumer;

/** Where the objects of the parent come from. */
public interface ObjectSource {

  /** How many objects {@link #deliverTo} hands over. */
  long size();

  /**
   * Hands over every object, each after those that it refers to, and holds only few of them at a
   * time. Blocks as long as the consumer does.
   *
   * @return what the source has and does not hand over
   * @throws IOException when the source cannot be read
   * @throws DemoException when it says something that cannot be loaded
   */
  LeftOut deliverTo(Consumer<SourceObject> consumer) throws IOException;
}
