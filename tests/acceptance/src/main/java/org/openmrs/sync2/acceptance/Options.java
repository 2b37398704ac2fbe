package org.openmrs.sync2.acceptance;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.openmrs.sync2.acceptance.server.Direction;
import org.openmrs.sync2.acceptance.server.OpenMrsServer.Login;
import picocli.CommandLine.Option;

/** The command line. */
final class Options {

  @Option(
      names = "--parent",
      required = true,
      paramLabel = "URL",
      description = "The parent, such as http://127.0.0.1:8080/openmrs.")
  private String parent;

  @Option(
      names = "--child",
      required = true,
      paramLabel = "URL",
      description = "The child, with the module.")
  private String child;

  @Option(
      names = "--parent-from-child",
      paramLabel = "URL",
      description = "The parent's address for the child, when it is another one.")
  private String parentFromChild;

  @Option(
      names = "--user",
      paramLabel = "NAME",
      defaultValue = "admin",
      description = "An administrator of both (${DEFAULT-VALUE}).")
  private String user;

  @Option(
      names = "--password",
      paramLabel = "PASSWORD",
      defaultValue = "${env:SYNC2_PASSWORD:-Admin123}",
      description = "By default the environment's SYNC2_PASSWORD, else OpenMRS's first one.")
  private String password;

  @Option(
      names = "--parent-jdbc",
      paramLabel = "URL",
      description =
          "The parent's database: jdbc:mariadb://HOST/NAME?user=…&password=…. With both databases,"
              + " all tables are compared.")
  private String parentJdbc;

  @Option(names = "--child-jdbc", paramLabel = "URL", description = "The child's database.")
  private String childJdbc;

  @Option(
      names = "--parent-stop",
      paramLabel = "COMMAND",
      description =
          "Stops the parent. Without it and --parent-start, cases that need it are skipped.")
  private String parentStop;

  @Option(names = "--parent-start", paramLabel = "COMMAND", description = "Starts the parent.")
  private String parentStart;

  @Option(
      names = "--parent-backup",
      paramLabel = "COMMAND",
      description = "Copies the parent's database aside, such as mariadb-dump … > FILE.")
  private String parentBackup;

  @Option(
      names = "--parent-restore",
      paramLabel = "COMMAND",
      description = "Puts the copy back, table by table. The parent is stopped meanwhile.")
  private String parentRestore;

  @Option(
      names = "--omod",
      paramLabel = "FILE",
      description =
          "The module as it is installed: uploaded again. Without it, cases that need it are"
              + " skipped.")
  private Path omod;

  @Option(
      names = "--child-histogram",
      paramLabel = "COMMAND",
      description =
          "Prints the class histogram of the child after a full collection, such as jcmd PID"
              + " GC.class_histogram.")
  private String childHistogram;

  @Option(
      names = "--child-access-log",
      paramLabel = "FILE",
      description =
          "The child's access log, with user agents: looked at for requests of the child to"
              + " itself.")
  private Path childAccessLog;

  @Option(
      names = "--representation",
      paramLabel = "NAME",
      description = "fhir or rest for what exists in both; by default as the module is configured.")
  private Representation representation;

  @Option(
      names = "--only",
      paramLabel = "NAME",
      description = "Only the cases whose names begin so. May be given several times.")
  private List<String> only = List.of();

  @Option(
      names = "--patients",
      paramLabel = "N",
      defaultValue = "300",
      description = "How many patients the large cases make (${DEFAULT-VALUE}).")
  private int patients;

  @Option(
      names = "--bench",
      description =
          "Measures instead: pulls and pushes new objects through the module, and beside it by one"
              + " request after the other and by OpenMRS saving alone.")
  private boolean bench;

  @Option(
      names = "--bench-patients",
      paramLabel = "N",
      defaultValue = "1000",
      description = "How many patients each measured run brings (${DEFAULT-VALUE}).")
  private int benchPatients;

  @Option(
      names = "--bench-serial",
      paramLabel = "N",
      defaultValue = "100",
      description =
          "How many of them one request after the other brings: it is the slow way"
              + " (${DEFAULT-VALUE}).")
  private int benchSerial;

  @Option(
      names = "--bench-direction",
      paramLabel = "DIRECTION",
      description = "Only this one: ${COMPLETION-CANDIDATES}.")
  private BenchDirection benchDirection;

  @Option(
      names = "--bench-load",
      paramLabel = "LOAD",
      defaultValue = "patients",
      description =
          "What is measured: ${COMPLETION-CANDIDATES}. New patients, new ones with two encounters"
              + " of ten observations each, or edits of patients that both have"
              + " (${DEFAULT-VALUE}).")
  private BenchLoad benchLoad;

  @Option(
      names = "--bench-warm-up",
      paramLabel = "N",
      defaultValue = "50",
      description =
          "How many patients each contestant brings before anything is measured; 0 for a start from"
              + " cold (${DEFAULT-VALUE}).")
  private int benchWarmUp;

  @Option(
      names = "--bench-nurses",
      paramLabel = "N",
      defaultValue = "2",
      description =
          "How many nurses save where the objects arrive, in a run of their own in each round"
              + " (${DEFAULT-VALUE}).")
  private int benchNurses;

  @Option(
      names = "--bench-pid",
      paramLabel = "PROCESS=PID",
      description =
          "A process on this machine whose CPU is told: parent, child or database. Once for each.")
  private Map<ServerProcess, Long> benchPids = new LinkedHashMap<>();

  @Option(
      names = "--bench-rounds",
      paramLabel = "N",
      defaultValue = "3",
      description =
          "How often all contestants are measured in turn; medians are told (${DEFAULT-VALUE}).")
  private int benchRounds;

  @Option(
      names = "--bench-rest",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description =
          "How long the servers rest before anything is measured: OpenMRS goes on indexing what was"
              + " made (${DEFAULT-VALUE}).")
  private int benchRest;

  @Option(names = "--json", description = "The result as one JSON object on the last line.")
  private boolean json;

  @Option(names = "--list", description = "Only lists the cases.")
  private boolean list;

  @Option(
      names = {"--help", "-h"},
      usageHelp = true,
      description = "Shows this.")
  private boolean help;

  /** Which way a benchmark measures. */
  enum BenchDirection {
    pull,
    push
  }

  /** What a benchmark measures. */
  enum BenchLoad {
    patients,
    encounters,
    edits
  }

  /** How objects travel. */
  enum Representation {
    fhir,
    rest
  }

  String parent() {
    return parent;
  }

  String child() {
    return child;
  }

  /** Where the child finds the parent. */
  String parentFromChild() {
    return parentFromChild == null ? parent : parentFromChild;
  }

  Login login() {
    return new Login(user, password);
  }

  boolean comparesDatabases() {
    return parentJdbc != null && childJdbc != null;
  }

  String parentJdbc() {
    return parentJdbc;
  }

  String childJdbc() {
    return childJdbc;
  }

  Optional<ParentProcess> parentProcess() {
    return parentStop == null || parentStart == null
        ? Optional.empty()
        : Optional.of(new ParentProcess(parentStop, parentStart));
  }

  Optional<ParentBackup> parentBackup() {
    return parentBackup == null || parentRestore == null
        ? Optional.empty()
        : Optional.of(new ParentBackup(parentBackup, parentRestore));
  }

  Optional<Path> omod() {
    return Optional.ofNullable(omod);
  }

  Optional<String> childHistogram() {
    return Optional.ofNullable(childHistogram);
  }

  Optional<Path> childAccessLog() {
    return Optional.ofNullable(childAccessLog);
  }

  /** The name, null when nothing is wanted. */
  String representation() {
    return representation == null ? null : representation.name();
  }

  boolean wants(String name) {
    return only.isEmpty() || only.stream().anyMatch(name::startsWith);
  }

  int patients() {
    return patients;
  }

  boolean bench() {
    return bench;
  }

  int benchPatients() {
    return Math.max(1, benchPatients);
  }

  int benchSerial() {
    return Math.max(1, benchSerial);
  }

  /** Returns true if objects that travel this way are measured. */
  boolean measures(Direction direction) {
    return benchDirection == null || benchDirection.name().equals(direction.toString());
  }

  BenchLoad benchLoad() {
    return benchLoad;
  }

  int benchWarmUp() {
    return Math.max(0, benchWarmUp);
  }

  int benchNurses() {
    return Math.max(0, benchNurses);
  }

  Map<ServerProcess, Long> benchPids() {
    return benchPids;
  }

  Duration benchRest() {
    return Duration.ofSeconds(benchRest);
  }

  int benchRounds() {
    return Math.max(1, benchRounds);
  }

  boolean json() {
    return json;
  }

  boolean list() {
    return list;
  }
}
