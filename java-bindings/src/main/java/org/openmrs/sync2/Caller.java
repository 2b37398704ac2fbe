package org.openmrs.sync2;

import java.util.function.Supplier;

/**
 * Where the engine is called for a request: it does all work of the host on that thread, such as a
 * daemon thread of OpenMRS's.
 */
public interface Caller {

  /** Does the work, waits for it, and returns or throws what it does. */
  byte[] call(Supplier<byte[]> work);
}
