package org.openmrs.sync2.chaos;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Carries out schedules, one after the other, and says what was lost, and of what history. */
public final class Chaos {

  private static final String USAGE = "usage: chaos [--seeds N] [--from M], both from 1";
  private static final int MISUSED = 2;

  /** After these the next schedule gets other nodes; all else is about objects of one schedule. */
  private static final Set<Problem.Kind> SPOILING =
      Set.of(Problem.Kind.STUCK, Problem.Kind.CRASHED);

  private final Figures figures = new Figures();
  private final PrintStream out;
  private volatile Lab lab;

  Chaos(PrintStream out) {
    this.out = out;
  }

  /** Exit codes: 0 nothing is wrong, 1 something is, 2 misused. */
  public static void main(String[] arguments) throws Exception {
    long seeds = Generator.IN_A_ROW;
    long from = 1;
    for (int place = 0; place < arguments.length; place += 2) {
      long number = place + 1 < arguments.length ? number(arguments[place + 1]) : 0;
      boolean isSeeds = arguments[place].equals("--seeds");
      if (number < 1 || !(isSeeds || arguments[place].equals("--from"))) {
        System.err.println(USAGE);
        System.exit(MISUSED);
      }
      seeds = isSeeds ? number : seeds;
      from = isSeeds ? from : number;
    }
    Chaos chaos = new Chaos(System.out);
    // Nodes of a run that is broken off must not stay behind.
    Runtime.getRuntime().addShutdownHook(new Thread(chaos::stopNodes));
    List<Long> failed = chaos.run(from, seeds);
    System.exit(failed.isEmpty() ? 0 : 1);
  }

  private static long number(String text) {
    return text.matches("[1-9][0-9]{0,8}") ? Long.parseLong(text) : 0;
  }

  /** Carries out the schedules of so many seeds; those that failed. */
  List<Long> run(long from, long seeds) throws Exception {
    List<Long> failed = new ArrayList<>();
    try {
      for (long seed = from; seed < from + seeds; seed++) {
        if (!isGood(seed)) {
          failed.add(seed);
        }
      }
    } finally {
      leaveLab();
    }
    out.println(figures.text());
    out.println(seeds + " schedules, failed: " + failed);
    return failed;
  }

  /** Carries out the schedule of a seed. Returns true if nothing is wrong; else it is printed. */
  boolean isGood(long seed) throws Exception {
    Schedule schedule = Generator.schedule(seed);
    long begin = System.nanoTime();
    enterLab(schedule.topology().laboratory());
    Trial trial = new Trial(lab, schedule);
    List<Problem> problems = outcome(trial);
    long millis = (System.nanoTime() - begin) / 1_000_000;
    figures.count("schedules " + schedule.topology());
    String verdict = problems.isEmpty() ? "good" : problems.size() + " PROBLEMS";
    out.printf("seed %d: %s, %d ms: %s%n", seed, schedule.topology(), millis, verdict);
    if (!problems.isEmpty()) {
      out.println(schedule.text());
      out.println(trial.told());
      problems.forEach(out::println);
      problems.forEach(problem -> figures.count(problem.kind().toString()));
    }
    if (problems.stream().anyMatch(problem -> SPOILING.contains(problem.kind()))) {
      leaveLab();
    }
    return problems.isEmpty();
  }

  private static List<Problem> outcome(Trial trial) {
    try {
      return trial.carryOut();
    } catch (Exception | AssertionError e) {
      List<String> where =
          Arrays.stream(e.getStackTrace()).map(StackTraceElement::toString).toList();
      return List.of(new Problem(Problem.Kind.STUCK, e.toString(), where));
    }
  }

  private void enterLab(Topology topology) throws Exception {
    if (lab != null && lab.topology() != topology) {
      leaveLab();
    }
    if (lab == null) {
      lab = new Lab(topology, figures);
    }
  }

  private void stopNodes() {
    Lab running = lab;
    if (running != null) {
      running.stopNodes();
    }
  }

  /** Stops the nodes of the last schedule. */
  void leaveLab() throws Exception {
    if (lab != null) {
      lab.close();
      lab = null;
    }
  }
}
