package org.openmrs.sync2.acceptance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.openmrs.sync2.acceptance.BenchFigures.Round;
import org.openmrs.sync2.acceptance.server.Direction;

class BenchFiguresTest {

  private static final Round SLOW = new Round(40, 10);
  private static final Round USUAL = new Round(120, 12);
  private static final Round FAST = new Round(150, 5);

  private static JsonNode json(double target, Round... rounds) {
    return Json.tree(new BenchFigures(List.of(rounds), Optional.of(target)).json());
  }

  @Test
  void theRatioIsTheMedianOfThoseOfTheRounds() {
    JsonNode json = json(15, FAST, SLOW, USUAL);
    assertEquals(120, json.path("modulePerSecond").asDouble());
    assertEquals(10, json.path("serialPerSecond").asDouble());
    // Not 120 / 10.
    assertEquals(10, json.path("ratio").asDouble());
    assertEquals(3, json.path("rounds").size());
    assertEquals(150, json.path("rounds").path(0).path("module").asDouble());
  }

  @Test
  void ofAnEvenNumberTheMiddleIsBetweenTwo() {
    assertEquals(7, json(15, USUAL, SLOW).path("ratio").asDouble());
  }

  @Test
  void theTargetIsReachedByTheMedian() {
    assertFalse(json(10.5, SLOW, USUAL, FAST).path("reached").asBoolean(true));
    assertTrue(json(10, SLOW, USUAL, FAST).path("reached").asBoolean());
    JsonNode without = Json.tree(new BenchFigures(List.of(USUAL), Optional.empty()).json());
    assertFalse(without.has("target") || without.has("reached"));
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
    BenchFigures figures = new BenchFigures(List.of(USUAL), Optional.of(15.0));
    assertEquals(
        "120.0 patients/s through the module, 12.0 one request after the other, ratio 10.0"
            + " (to reach: 15)",
        figures.toString());
  }
}
