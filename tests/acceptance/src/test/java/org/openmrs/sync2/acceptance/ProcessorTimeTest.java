package org.openmrs.sync2.acceptance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ProcessorTimeTest {

  private static final long NOBODY = Long.MAX_VALUE;

  @Test
  void workOfAProcessIsCounted() {
    ProcessorTime cpu =
        new ProcessorTime(Map.of(ServerProcess.child, ProcessHandle.current().pid()));
    Stopwatch stopwatch = Stopwatch.start(cpu);
    Measured measured;
    long sum = 0;
    do {
      for (int number = 0; number < 1_000_000; number++) {
        sum += number % 7;
      }
      measured = stopwatch.stop(1);
    } while (measured.cpuMillis().get(ServerProcess.child) < 20);
    assertTrue(sum > 0);
    assertEquals(Set.of(ServerProcess.child), measured.cpuMillis().keySet());
    assertTrue(measured.seconds() > 0);
  }

  @Test
  void processThatDoesNotRunHereIsNamed() {
    CaseFailure failure =
        assertThrows(
            CaseFailure.class, () -> new ProcessorTime(Map.of(ServerProcess.database, NOBODY)));
    assertTrue(failure.getMessage().contains(Long.toString(NOBODY)), failure.getMessage());
  }

  @Test
  void withoutProcessesNothingIsTold() {
    assertEquals(Map.of(), new ProcessorTime(Map.of()).millis());
  }
}
