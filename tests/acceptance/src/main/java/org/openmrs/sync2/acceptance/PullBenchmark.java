package org.openmrs.sync2.acceptance;

import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.openmrs.sync2.acceptance.server.SerialHttp;
import org.openmrs.sync2.acceptance.server.SyncRun;

/**
 * How fast new patients come to the child: through the module, and by one request after the other
 * as it was done before, on the same servers in the same minutes.
 */
final class PullBenchmark {

  /** Enough for a rate: it is the slow way. */
  private static final int SERIAL_PATIENTS = 100;

  private final TwoServers servers;
  private final Options options;

  PullBenchmark(TwoServers servers, Options options) {
    this.servers = servers;
    this.options = options;
  }

  void run(PrintStream out) throws Exception {
    double pulled = pulledPerSecond();
    double serial = serialPerSecond();
    out.printf("pull through the module: %.1f patients/s%n", pulled);
    out.printf("read, look and write, one request after the other: %.1f patients/s%n", serial);
    out.printf("ratio: %.1f%n", pulled / serial);
    if (options.json()) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("patients", options.patients());
      result.put("pulledPerSecond", pulled);
      result.put("serialPatients", SERIAL_PATIENTS);
      result.put("serialPerSecond", serial);
      result.put("ratio", pulled / serial);
      out.println(Json.write(result));
    }
  }

  private double pulledPerSecond() throws Exception {
    Cohort cohort = Cohort.writePatients(servers.pulling(), options.patients());
    SyncRun run = servers.synchronize();
    cohort.mustBeSame(servers.pulling());
    return options.patients() / run.seconds();
  }

  private double serialPerSecond() throws Exception {
    List<String> patients =
        Cohort.writePatients(servers.pulling(), SERIAL_PATIENTS).uuids(Kind.PATIENT);
    SerialHttp serial = new SerialHttp(options.parent(), options.child(), options.login());
    long start = System.nanoTime();
    for (String patient : patients) {
      serial.copyPatient(patient);
    }
    return SERIAL_PATIENTS / ((System.nanoTime() - start) / 1e9);
  }
}
