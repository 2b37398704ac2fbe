package org.openmrs.sync2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.function.Executable;

/** Expects failures of the engine by their kind. */
final class Failures {

  private Failures() {}

  /** Runs what has to fail with an exception of this kind, and returns it. */
  static SyncException assertFails(String kind, Executable work) {
    SyncException thrown = assertThrows(SyncException.class, work);
    assertEquals(kind, thrown.kind(), thrown.getMessage());
    return thrown;
  }
}
