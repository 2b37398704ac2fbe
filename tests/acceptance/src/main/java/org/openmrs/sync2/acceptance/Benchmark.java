package org.openmrs.sync2.acceptance;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.openmrs.sync2.acceptance.BenchFigures.Round;
import org.openmrs.sync2.acceptance.Options.BenchLoad;
import org.openmrs.sync2.acceptance.server.BareSaving;

/** {@code --bench}: rounds of a {@link Contest} in each direction, and what they come to. */
final class Benchmark {

  private final Options options;
  private final PrintStream out;
  private final Contest contest;

  Benchmark(TwoServers servers, Options options, PrintStream out) {
    this.options = options;
    this.out = out;
    this.contest = new Contest(servers, options, out);
  }

  void run() throws Exception {
    List<Course> courses = new ArrayList<>();
    for (Way way : contest.ways()) {
      if (options.measures(way.direction())) {
        courses.add(new Course(way, contestants(way)));
      }
    }
    for (Course course : courses) {
      course.warmUp();
    }
    for (int number = 1; number <= options.benchRounds(); number++) {
      for (Course course : courses) {
        course.round(number);
      }
    }
    courses.forEach(Course::tell);
    if (options.json()) {
      courses.forEach(course -> out.println(Json.write(course.json())));
    }
  }

  /** OpenMRS alone is measured where the server has the module for it. */
  private List<Contestant> contestants(Way way) throws Exception {
    String whyNot = new BareSaving(way.destination()).whyNot();
    if (whyNot.isEmpty()) {
      return List.of(Contestant.values());
    }
    out.println(way.direction() + ": bare saving is not measured, sync2probe answers " + whyNot);
    return List.of(Contestant.module, Contestant.serial);
  }

  /** One direction. */
  private final class Course {

    private final Way way;
    private final List<Contestant> contestants;
    private final List<Round> rounds = new ArrayList<>();
    private final List<NurseRun> nurseRuns = new ArrayList<>();

    Course(Way way, List<Contestant> contestants) {
      this.way = way;
      this.contestants = contestants;
    }

    void warmUp() throws Exception {
      if (options.benchWarmUp() > 0) {
        for (Contestant contestant : contestants) {
          contest.measure(contestant, way, options.benchWarmUp());
        }
      }
    }

    /** Another contestant begins than in the round before. */
    void round(int number) throws Exception {
      List<Contestant> order = new ArrayList<>(contestants);
      Collections.rotate(order, 1 - number);
      Map<Contestant, Measured> parts = new EnumMap<>(Contestant.class);
      for (Contestant contestant : order) {
        parts.put(contestant, contest.measure(contestant, way, options.benchPatients()));
      }
      Round round = new Round(parts);
      rounds.add(round);
      out.printf("round %d, %s: %s%n", number, way.direction(), round);
      if (options.benchNurses() > 0) {
        NurseRun nurseRun = contest.whileNursesSave(way, options.benchPatients());
        nurseRuns.add(nurseRun);
        out.printf("round %d, %s: %s%n", number, way.direction(), nurseRun);
      }
    }

    void tell() {
      String what = way.direction() + ", " + options.benchPatients() + " " + options.benchLoad();
      out.println(what + ": " + figures());
      if (!nurseRuns.isEmpty()) {
        out.println(what + ": nurses meanwhile: " + meanwhile() + "; before: " + before());
      }
    }

    Map<String, Object> json() {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("direction", way.direction().toString());
      json.put("load", options.benchLoad());
      json.put("patients", options.benchPatients());
      json.putAll(figures().json());
      if (!nurseRuns.isEmpty()) {
        json.put("nursesMeanwhile", meanwhile().json());
        json.put("nursesBefore", before().json());
      }
      return json;
    }

    private BenchFigures figures() {
      return new BenchFigures(way.direction(), rounds, target());
    }

    private Optional<Double> target() {
      return options.benchLoad() == BenchLoad.patients
          ? BenchFigures.target(way.direction(), options.benchPatients())
          : Optional.empty();
    }

    private SaveTimes meanwhile() {
      return SaveTimes.of(nurseRuns.stream().map(NurseRun::meanwhile).toList());
    }

    private SaveTimes before() {
      return SaveTimes.of(nurseRuns.stream().map(NurseRun::before).toList());
    }
  }
}
