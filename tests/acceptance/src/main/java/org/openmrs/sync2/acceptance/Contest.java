package org.openmrs.sync2.acceptance;

import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import org.openmrs.sync2.acceptance.server.SerialHttp;
import org.openmrs.sync2.acceptance.server.SyncModule;
import org.openmrs.sync2.acceptance.server.SyncRun;

/**
 * How fast objects travel: through the module, by one request after the other as it was done
 * before, and how fast OpenMRS saves as many by itself where they arrive; on the same servers in
 * the same minutes, pulled and pushed.
 *
 * <p>Why it is fair:
 *
 * <ul>
 *   <li>All contestants bring objects of the same kind (patients with a name, an address, an
 *       attribute and an identifier). For the module and the serial way they are made right before,
 *       outside of the time, by the same threads. Nobody begins with caches that the others do not
 *       have.
 *   <li>Before each the module works in both directions until nothing is left, outside of the time:
 *       what another contestant has brought (whose events tell both servers of it) and what comes
 *       back as an echo is no part of what is measured. Only the contestant's own objects are new.
 *   <li>OpenMRS merges its search indexes in the background for as long as it took to make what is
 *       in them, or longer. All contestants begin after the same rest.
 *   <li>The module's time is that of somebody who asks for it: from before the POST that starts the
 *       run until a look at the run, each 50 ms, shows that it has ended. Making the parent's feed,
 *       the log-in, the audit and reading back are within it; the looks, which it has to answer
 *       meanwhile, too.
 *   <li>The serial way keeps its connections, is told which patients there are, and keeps no audit
 *       and no agreement. It does fewer patients, since it has a rate from the first one on.
 *   <li>Bare saving is told what to save at once and has no request for each object; its time is
 *       that of its transactions, as the server tells it. It saves with the module in the process:
 *       its changes are captured, as any others are.
 *   <li>CPU is that of whole processes while a part is measured: what they do besides is in it.
 *   <li>All contestants are a round, and only those of one round are compared. Each begins a round
 *       by turns, and a small one before the first warms everything up. Medians are told.
 *   <li>What the module brought is compared, outside of the time: nothing counts that did not
 *       arrive whole.
 *   <li>The saves of nurses are measured in a run of their own, since they take time from it.
 * </ul>
 */
final class Contest {

  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(50);

  /** One run brings what there is, another one what came of it; more would be an echo. */
  private static final int MOST_SETTLING_RUNS = 10;

  /** Of all nurses, before the module begins. */
  private static final int SAVES_ALONE = 50;

  private final TwoServers servers;
  private final SyncModule module;
  private final Options options;
  private final PrintStream out;
  private final Load load;
  private final ProcessorTime cpu;

  Contest(TwoServers servers, Options options, PrintStream out) {
    this.servers = servers;
    this.module = servers.module();
    this.options = options;
    this.out = out;
    this.load = load(options.benchLoad());
    this.cpu = new ProcessorTime(options.benchPids());
  }

  private static Load load(Options.BenchLoad load) {
    return switch (load) {
      case patients -> new NewPatients();
      case encounters -> new NewEncounters();
      case edits -> new EditedPatients();
    };
  }

  /** Without the module on the parent nothing is pushed in batches, and that is not measured. */
  List<Way> ways() {
    return servers.feed().isOwn()
        ? List.of(servers.pulling(), servers.pushing())
        : List.of(servers.pulling());
  }

  /**
   * Has one contestant bring something new.
   *
   * @param patients the serial way does fewer, where these are many
   */
  Measured measure(Contestant contestant, Way way, int patients) throws Exception {
    return switch (contestant) {
      case module -> run(way, newObjects(way, patients));
      case serial -> oneByOne(way, Math.min(patients, options.benchSerial()));
      case bare -> alone(way, patients);
    };
  }

  /** A run of the module, and the saves of nurses before it and meanwhile. */
  NurseRun whileNursesSave(Way way, int patients) throws Exception {
    Cohort cohort = newObjects(way, patients);
    SaveTimes before;
    SaveTimes meanwhile;
    Ended ended;
    try (Nurses nurses = new Nurses(servers, way.destination(), options.benchNurses())) {
      before = nurses.take(SAVES_ALONE);
      ended = awaitRun(way, cohort);
      meanwhile = nurses.take(1);
    }
    mustHaveArrived(way, cohort, ended.run());
    return new NurseRun(ended.measured(), before, meanwhile);
  }

  private Measured run(Way way, Cohort cohort) throws Exception {
    Ended ended = awaitRun(way, cohort);
    mustHaveArrived(way, cohort, ended.run());
    return ended.measured();
  }

  /** A run that is over. */
  private record Ended(SyncRun run, Measured measured) {}

  private Ended awaitRun(Way way, Cohort cohort) throws Exception {
    Stopwatch stopwatch = Stopwatch.start(cpu);
    SyncRun run = module.awaitEnd(module.start(way.direction()), BETWEEN_LOOKS);
    return new Ended(run, stopwatch.stop(cohort.size()));
  }

  private static void mustHaveArrived(Way way, Cohort cohort, SyncRun run) throws Exception {
    TwoServers.mustComplete(run);
    long arrived = run.count("APPLIED") + run.count("PARTIAL");
    CaseFailure.unless(
        arrived >= cohort.size(), arrived + " of " + cohort.size() + " arrived: " + run);
    cohort.mustBeSame(way);
  }

  private Measured oneByOne(Way way, int patients) throws Exception {
    Cohort cohort = newObjects(way, patients);
    SerialHttp serial =
        new SerialHttp(way.origin().base(), way.destination().base(), options.login());
    Stopwatch stopwatch = Stopwatch.start(cpu);
    for (String patient : cohort.uuids(Kind.PATIENT)) {
      load.copy(serial, patient);
    }
    return stopwatch.stop(cohort.size());
  }

  private Measured alone(Way way, int patients) throws Exception {
    settle();
    rest();
    Stopwatch stopwatch = Stopwatch.start(cpu);
    double seconds = load.saveAlone(way, patients);
    return stopwatch.stop(load.objects(patients), seconds);
  }

  private Cohort newObjects(Way way, int patients) throws Exception {
    settle();
    Cohort cohort = load.write(way, patients);
    awaitAtomfeed();
    rest();
    return cohort;
  }

  private void rest() throws InterruptedException {
    Thread.sleep(options.benchRest().toMillis());
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
}
