package org.openmrs.sync2.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The first schedules: real nodes, each a process. {@code ./sync2 chaos} carries out more. */
class ChaosTest {

  @Test
  void scheduleOfEachOfTheFirstSeedsLosesNothing() throws Exception {
    assertEquals(List.of(), new Chaos(System.out).run(1, Generator.IN_A_ROW));
  }
}
