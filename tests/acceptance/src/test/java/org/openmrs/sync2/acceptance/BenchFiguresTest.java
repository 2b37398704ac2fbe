package org.openmrs.sync2.acceptance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.openmrs.sync2.acceptance.BenchFigures.Round;
import org.openmrs.sync2.acceptance.server.Direction;

class BenchFiguresTest {

  private static final double EXACT = 1e-9;

  private static final Round SLOW = round(40, 10, 100);
  private static final Round USUAL = round(120, 12, 150);
  private static final Round FAST = round(150, 5, 160);

  /** Of 100 objects each, by their rates. */
  private static Round round(double module, double serial, double bare) {
    Map<Contestant, Measured> parts = new EnumMap<>(Contestant.class);
    parts.put(Contestant.module, measured(module, Map.of()));
    parts.put(Contestant.serial, measured(serial, Map.of()));
    parts.put(Contestant.bare, measured(bare, Map.of()));
    return new Round(parts);
  }

  private static Measured measured(double perSecond, Map<ServerProcess, Long> cpuMillis) {
    return new Measured(100, 100 / perSecond, cpuMillis);
  }

  private static JsonNode json(double target, Round... rounds) {
    return Json.tree(new BenchFigures(Direction.PULL, List.of(rounds), Optional.of(target)).json());
  }

  @Test
  void theRatiosAreTheMediansOfThoseOfTheRounds() {
    JsonNode json = json(15, FAST, SLOW, USUAL);
    assertEquals(120, json.path("modulePerSecond").asDouble(), EXACT);
    assertEquals(10, json.path("serialPerSecond").asDouble(), EXACT);
    assertEquals(150, json.path("barePerSecond").asDouble(), EXACT);
    // Not 120 / 10, and 0.8 of 0.94, 0.4 and 0.8.
    assertEquals(10, json.path("ofSerial").asDouble(), EXACT);
    assertEquals(0.8, json.path("ofBare").asDouble(), EXACT);
    assertEquals(3, json.path("rounds").size());
    assertEquals(
        150, json.path("rounds").path(0).path("module").path("perSecond").asDouble(), EXACT);
  }

  @Test
  void ofAnEvenNumberTheMiddleIsBetweenTwo() {
    assertEquals(7, json(15, USUAL, SLOW).path("ofSerial").asDouble(), EXACT);
  }

  @Test
  void theTargetIsReachedByTheMedian() {
    assertFalse(json(10.5, SLOW, USUAL, FAST).path("reached").asBoolean(true));
    assertTrue(json(9.9, SLOW, USUAL, FAST).path("reached").asBoolean());
    BenchFigures without = new BenchFigures(Direction.PULL, List.of(USUAL), Optional.empty());
    JsonNode json = Json.tree(without.json());
    assertFalse(json.has("target") || json.has("reached"));
  }

  @Test
  void cpuIsThatOfTheServerThatSavesAndOfAll() {
    Map<Contestant, Measured> parts = new EnumMap<>(Contestant.class);
    parts.put(Contestant.module, measured(100, cpu(60, 900, 220)));
    parts.put(Contestant.bare, measured(150, cpu(0, 500, 90)));
    List<Round> rounds = List.of(new Round(parts));
    JsonNode pull = Json.tree(new BenchFigures(Direction.PULL, rounds, Optional.empty()).json());
    assertEquals(1.8, pull.path("cpuOfBare").path("child").asDouble(), EXACT);
    assertEquals(2, pull.path("cpuOfBare").path("all").asDouble(), EXACT);
    JsonNode module = pull.path("rounds").path(0).path("module");
    assertEquals(900, module.path("cpuMillis").path("child").asLong());
    // Nothing that is known saves where nothing was measured.
    JsonNode push = Json.tree(new BenchFigures(Direction.PUSH, rounds, Optional.empty()).json());
    assertFalse(push.path("cpuOfBare").has("parent"));
  }

  private static Map<ServerProcess, Long> cpu(long parent, long child, long database) {
    return Map.of(
        ServerProcess.parent, parent, ServerProcess.child, child, ServerProcess.database, database);
  }

  @Test
  void nothingIsSaidOfWhatWasNotMeasured() {
    Map<Contestant, Measured> parts = new EnumMap<>(USUAL.parts());
    parts.remove(Contestant.bare);
    BenchFigures figures =
        new BenchFigures(Direction.PULL, List.of(new Round(parts)), Optional.empty());
    JsonNode json = Json.tree(figures.json());
    assertFalse(json.has("ofBare") || json.has("barePerSecond") || json.has("cpuOfBare"));
    assertEquals(
        "120.0/s through the module, 12.0/s one request after the other; 10.0 times the serial way",
        figures.toString());
    assertFalse(json(15, USUAL).has("cpuOfBare"));
  }

  @Test
  void aimDependsOnTheNumberOfPatients() {
    assertEquals(Optional.of(10.0), BenchFigures.target(Direction.PULL, 300));
    assertEquals(Optional.of(15.0), BenchFigures.target(Direction.PULL, 1000));
    assertEquals(Optional.of(15.0), BenchFigures.target(Direction.PUSH, 1000));
    assertEquals(Optional.empty(), BenchFigures.target(Direction.PUSH, 300));
  }

  @Test
  void peopleReadTheTarget() {
    BenchFigures figures = new BenchFigures(Direction.PULL, List.of(USUAL), Optional.of(15.0));
    assertEquals(
        "120.0/s through the module, 12.0/s one request after the other, 150.0/s by OpenMRS alone;"
            + " 10.0 times the serial way (to reach: 15); 0.80 of OpenMRS alone",
        figures.toString());
  }
}
