package org.openmrs.sync2.acceptance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class AcceptanceSuiteTest {

  private static Options parse(String... more) {
    Options options = new Options();
    String[] servers = {"--parent", "http://127.0.0.1:1/p", "--child", "http://127.0.0.1:2/c"};
    List<String> arguments = new ArrayList<>(List.of(servers));
    arguments.addAll(List.of(more));
    new CommandLine(options).parseArgs(arguments.toArray(new String[0]));
    return options;
  }

  @Test
  void noTwoCasesHaveOneName() {
    List<String> names = AcceptanceSuite.cases().stream().map(AcceptanceCase::name).toList();
    assertEquals(names.size(), new HashSet<>(names).size());
  }

  @Test
  void everyKindOfObjectHasItsFourCases() {
    List<String> names = AcceptanceSuite.cases().stream().map(AcceptanceCase::name).toList();
    for (Kind kind : Kind.values()) {
      for (String step : List.of("created", "changed", "removed", "undone")) {
        String name = kind.category().replace('_', '-') + "-" + step;
        assertTrue(names.contains(name), name);
        assertTrue(names.contains("push-" + name), "push-" + name);
      }
    }
  }

  @Test
  void casesAreChosenByTheBeginningOfTheirNames() {
    assertTrue(parse().wants("visit-created"));
    Options options = parse("--only", "visit-", "--only", "poison-halt");
    assertTrue(options.wants("visit-created"));
    assertTrue(options.wants("poison-halt"));
    assertFalse(options.wants("visittype-created"));
  }

  @Test
  void theDatabasesAreComparedWhenBothAreGiven() {
    assertFalse(parse("--parent-jdbc", "jdbc:a").comparesDatabases());
    assertTrue(parse("--parent-jdbc", "jdbc:a", "--child-jdbc", "jdbc:b").comparesDatabases());
  }

  @Test
  void theParentIsStoppedOnlyWhenItCanBeStartedAgain() {
    assertTrue(parse("--parent-stop", "true").parentProcess().isEmpty());
    assertTrue(
        parse("--parent-stop", "true", "--parent-start", "true").parentProcess().isPresent());
  }

  @Test
  void theBenchmarkMeasuresAtLeastOnce() {
    assertEquals(1000, parse("--bench").benchPatients());
    assertEquals(3, parse("--bench").benchRounds());
    Options options = parse("--bench", "--bench-patients", "300", "--bench-rounds", "0");
    assertEquals(300, options.benchPatients());
    assertEquals(1, options.benchRounds());
  }

  @Test
  void processesOfTheBenchmarkAreGivenOneByOne() {
    assertEquals(Map.of(), parse("--bench").benchPids());
    Options options = parse("--bench-pid", "child=12", "--bench-pid", "database=7");
    assertEquals(Map.of(ServerProcess.child, 12L, ServerProcess.database, 7L), options.benchPids());
    assertThrows(CommandLine.ParameterException.class, () -> parse("--bench-pid", "grandchild=12"));
  }

  @Test
  void theBenchmarkMeasuresNewPatientsUnlessAsked() {
    assertEquals(Options.BenchLoad.patients, parse("--bench").benchLoad());
    assertEquals(Options.BenchLoad.encounters, parse("--bench-load", "encounters").benchLoad());
  }

  @Test
  void otherRepresentationsAreWrongUsage() {
    assertThrows(CommandLine.ParameterException.class, () -> parse("--representation", "soap"));
  }
}
