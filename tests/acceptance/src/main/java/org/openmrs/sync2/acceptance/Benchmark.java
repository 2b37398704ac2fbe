package org.openmrs.sync2.acceptance;

import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.openmrs.sync2.acceptance.BenchFigures.Round;
import org.openmrs.sync2.acceptance.server.Direction;
import org.openmrs.sync2.acceptance.server.SerialHttp;
import org.openmrs.sync2.acceptance.server.SyncModule;
import org.openmrs.sync2.acceptance.server.SyncRun;

/**
 * How fast new patients travel: through the module, and by one request after the other as it was
 * done before, on the same servers in the same minutes, pulled and pushed.
 *
 * <p>Why it is fair:
 *
 * <ul>
 *   <li>Both contestants bring patients of the same kind (a name, an address, an attribute, an
 *       identifier), which are made right before, outside of the time, by the same threads. Neither
 *       begins with caches that the other one does not have.
 *   <li>Before each the module works in both directions until nothing is left, outside of the time:
 *       what the other contestant has brought (whose events tell both servers of it) and what comes
 *       back as an echo is no part of what is measured. Only the contestant's own patients are new.
 *   <li>OpenMRS merges its search indexes in the background for as long as it took to make what is
 *       in them, or longer. Both contestants begin after the same rest.
 *   <li>The module's time is that of somebody who asks for it: from before the POST that starts the
 *       run until a look at the run, each 50 ms, shows that it has ended. Making the parent's feed,
 *       the log-in, the audit and reading back are within it; the looks, which it has to answer
 *       meanwhile, too.
 *   <li>The serial way keeps its connections, is told which patients there are, and keeps no audit
 *       and no agreement. It does fewer patients, since it has a rate from the first one on.
 *   <li>A pair of both is a round, and only the two of one round are compared. Rounds begin with
 *       the one and the other by turns, and a small one before the first warms everything up.
 *       Medians are told.
 *   <li>What the module brought is compared, outside of the time: nothing counts that did not
 *       arrive whole.
 * </ul>
 */
final class Benchmark {

  /** Enough for a rate: it is the slow way. */
  private static final int SERIAL_PATIENTS = 100;

  private static final int WARM_UP_PATIENTS = 50;
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(50);

  /** One run brings what there is, another one what came of it; more would be an echo. */
  private static final int MOST_SETTLING_RUNS = 10;

  private final TwoServers servers;
  private final SyncModule module;
  private final Options options;
  private final PrintStream out;

  Benchmark(TwoServers servers, Options options, PrintStream out) {
    this.servers = servers;
    this.module = servers.module();
    this.options = options;
    this.out = out;
  }

  void run() throws Exception {
    Map<Direction, List<Round>> rounds = new LinkedHashMap<>();
    for (Way way : ways()) {
      throughModule(way, WARM_UP_PATIENTS);
      oneByOne(way, WARM_UP_PATIENTS);
      rounds.put(way.direction(), new ArrayList<>());
    }
    for (int number = 1; number <= options.benchRounds(); number++) {
      for (Way way : ways()) {
        Round round = round(way, number % 2 == 1);
        out.printf("round %d, %s: %s%n", number, way.direction(), round);
        rounds.get(way.direction()).add(round);
      }
    }
    tell(rounds);
  }

  /** Without the module on the parent nothing is pushed in batches, and that is not measured. */
  private List<Way> ways() {
    return servers.feed().isOwn()
        ? List.of(servers.pulling(), servers.pushing())
        : List.of(servers.pulling());
  }

  private Round round(Way way, boolean moduleFirst) throws Exception {
    if (moduleFirst) {
      double module = throughModule(way, options.benchPatients());
      return new Round(module, oneByOne(way, SERIAL_PATIENTS));
    }
    double serial = oneByOne(way, SERIAL_PATIENTS);
    return new Round(throughModule(way, options.benchPatients()), serial);
  }

  /** Patients a second through the module. */
  private double throughModule(Way way, int patients) throws Exception {
    Cohort cohort = newPatients(way, patients);
    long start = System.nanoTime();
    SyncRun run = module.awaitEnd(module.start(way.direction()), BETWEEN_LOOKS);
    double seconds = secondsSince(start);
    TwoServers.mustComplete(run);
    long arrived = run.count("APPLIED") + run.count("PARTIAL");
    CaseFailure.unless(arrived >= patients, arrived + " of " + patients + " arrived: " + run);
    cohort.mustBeSame(way);
    return patients / seconds;
  }

  /** Patients a second by one request after the other. */
  private double oneByOne(Way way, int patients) throws Exception {
    List<String> uuids = newPatients(way, patients).uuids(Kind.PATIENT);
    SerialHttp serial =
        new SerialHttp(way.origin().base(), way.destination().base(), options.login());
    long start = System.nanoTime();
    for (String uuid : uuids) {
      serial.copyPatient(uuid);
    }
    return patients / secondsSince(start);
  }

  private Cohort newPatients(Way way, int patients) throws Exception {
    settle();
    Cohort cohort = Cohort.writePatients(way, patients);
    awaitAtomfeed();
    Thread.sleep(options.benchRest().toMillis());
    return cohort;
  }

  /** Has the module work until there is nothing to do in either direction. */
  private void settle() throws Exception {
    awaitAtomfeed();
    for (int turn = 0; turn < MOST_SETTLING_RUNS; turn++) {
      long events = 0;
      for (Way way : ways()) {
        SyncRun settled = TwoServers.mustComplete(module.synchronize(way.direction()));
        events += settled.events();
        if (settled.count("CONFLICT") > 0) {
          out.println("in conflict, which is not measured: " + settled);
        }
      }
      if (events == 0) {
        return;
      }
    }
    throw new CaseFailure("after " + MOST_SETTLING_RUNS + " turns there is still something to do");
  }

  /** The atomfeed module tells of a change only after a while; the own feed at once. */
  private void awaitAtomfeed() throws Exception {
    if (!servers.feed().isOwn()) {
      servers.feed().awaitEverything();
    }
  }

  private static double secondsSince(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  private void tell(Map<Direction, List<Round>> rounds) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("patients", options.benchPatients());
    result.put("serialPatients", SERIAL_PATIENTS);
    rounds.forEach(
        (direction, measured) -> {
          Optional<Double> target = BenchFigures.target(direction, options.benchPatients());
          BenchFigures figures = new BenchFigures(measured, target);
          out.println(direction + " of " + options.benchPatients() + ": " + figures);
          result.put(direction.toString(), figures.json());
        });
    if (options.json()) {
      out.println(Json.write(result));
    }
  }
}
