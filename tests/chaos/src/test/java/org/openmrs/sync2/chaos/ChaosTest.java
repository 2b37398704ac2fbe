package org.openmrs.sync2.chaos;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The first schedules: real nodes, each a process. {@code ./sync2 chaos} carries out more. */
class ChaosTest {

  /** Schedules after each other share their nodes: starting them takes longest. */
  private static final Chaos CHAOS = new Chaos(System.out);

  @AfterAll
  static void stopNodes() throws Exception {
    CHAOS.leaveLab();
  }

  static LongStream seeds() {
    return LongStream.rangeClosed(1, Generator.IN_A_ROW);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void scheduleOfASeedLosesNothing(long seed) throws Exception {
    assertTrue(CHAOS.isGood(seed), "what is wrong was printed before");
  }
}
