package org.openmrs.sync2.acceptance;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What one part of a round took.
 *
 * @param cpuMillis of the processes that are known
 */
record Measured(long objects, double seconds, Map<ServerProcess, Long> cpuMillis) {

  double perSecond() {
    return objects / seconds;
  }

  /** CPU for each object, in milliseconds; not a number where the process is not known. */
  double cpuOfEach(ServerProcess process) {
    Long millis = cpuMillis.get(process);
    return millis == null ? Double.NaN : (double) millis / objects;
  }

  /** The same of all processes together. */
  double cpuOfEach() {
    return cpuMillis.isEmpty()
        ? Double.NaN
        : (double) cpuMillis.values().stream().mapToLong(Long::longValue).sum() / objects;
  }

  Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("objects", objects);
    json.put("seconds", seconds);
    json.put("perSecond", perSecond());
    if (!cpuMillis.isEmpty()) {
      json.put("cpuMillis", cpuMillis);
    }
    return json;
  }
}
