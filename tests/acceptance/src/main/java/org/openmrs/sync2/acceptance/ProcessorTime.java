package org.openmrs.sync2.acceptance;

import java.util.EnumMap;
import java.util.Map;

/** The CPU that processes of this machine have used. */
final class ProcessorTime {

  private final Map<ServerProcess, ProcessHandle> processes = new EnumMap<>(ServerProcess.class);

  /**
   * Of the processes with these ids.
   *
   * @throws CaseFailure when one of them does not run here
   */
  ProcessorTime(Map<ServerProcess, Long> pids) {
    pids.forEach(
        (which, pid) ->
            processes.put(
                which,
                ProcessHandle.of(pid)
                    .orElseThrow(
                        () ->
                            new CaseFailure("no process " + pid + " runs here: see --bench-pid"))));
    millis();
  }

  /**
   * Milliseconds since each of them began, of all its threads.
   *
   * @throws CaseFailure when one of them has ended
   */
  Map<ServerProcess, Long> millis() {
    Map<ServerProcess, Long> millis = new EnumMap<>(ServerProcess.class);
    processes.forEach((which, process) -> millis.put(which, millis(which, process)));
    return millis;
  }

  private static long millis(ServerProcess which, ProcessHandle process) {
    return process
        .info()
        .totalCpuDuration()
        .orElseThrow(() -> new CaseFailure("nothing tells the CPU of the " + which + " here"))
        .toMillis();
  }
}
