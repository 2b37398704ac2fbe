package org.openmrs.sync2.node.demo;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The parts that the demo has open. They are closed, the last first, when the demo is done or when
 * Ctrl-C ends the JVM, wherever the demo is then.
 */
final class OpenParts implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(OpenParts.class);

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();

  private volatile boolean jvmEnds;

  OpenParts() {
    Runtime.getRuntime().addShutdownHook(new Thread(this::closeAtExit, "demo-end"));
  }

  private void closeAtExit() {
    jvmEnds = true;
    close();
  }

  /** Returns true if parts may have been closed under those who use them, because the JVM ends. */
  boolean jvmEnds() {
    return jvmEnds;
  }

  /** Takes care of a part from now on. */
  synchronized <T extends AutoCloseable> T opened(T part) {
    parts.push(part);
    return part;
  }

  /** Closes everything. Does nothing the second time. */
  @Override
  public synchronized void close() {
    while (!parts.isEmpty()) {
      AutoCloseable part = parts.pop();
      try {
        part.close();
      } catch (Exception e) {
        LOG.error("A part of the demo did not end.", e);
      }
    }
  }
}
