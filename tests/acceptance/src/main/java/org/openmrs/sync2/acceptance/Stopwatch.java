package org.openmrs.sync2.acceptance;

import java.util.EnumMap;
import java.util.Map;

/** Time and CPU from one moment on. */
final class Stopwatch {

  private final ProcessorTime cpu;
  private final Map<ServerProcess, Long> cpuBefore;
  private final long start;

  private Stopwatch(ProcessorTime cpu) {
    this.cpu = cpu;
    this.cpuBefore = cpu.millis();
    this.start = System.nanoTime();
  }

  static Stopwatch start(ProcessorTime cpu) {
    return new Stopwatch(cpu);
  }

  /** What so many objects have taken until now. */
  Measured stop(long objects) {
    return stop(objects, (System.nanoTime() - start) / 1e9);
  }

  /** The same where a server tells the seconds itself. */
  Measured stop(long objects, double seconds) {
    Map<ServerProcess, Long> used = new EnumMap<>(ServerProcess.class);
    cpu.millis().forEach((which, millis) -> used.put(which, millis - cpuBefore.get(which)));
    return new Measured(objects, seconds, used);
  }
}
