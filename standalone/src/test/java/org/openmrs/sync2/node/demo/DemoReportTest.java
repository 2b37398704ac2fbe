package org.openmrs.sync2.node.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class DemoReportTest {

  private static final KindComparison EQUAL = kind(3, 0, 0, 0);
  private static final Silence SILENT = new Silence(0, 20, 20);
  private static final ArrayNode FIELDS =
      Json.MAPPER.createArrayNode().add(Json.MAPPER.createObjectNode().put("path", "gender"));

  @Test
  void jsonHasExactlyTheAgreedKeys() {
    assertEquals(
        "{\"events\":30,\"counts\":{\"APPLIED\":30},\"parked\":0,\"compared\":3,\"different\":0,"
            + "\"equal\":true,\"seconds\":1.5,\"events_per_second\":20.0,"
            + "\"left_out\":{\"resources\":{\"Claim\":2},\"references\":{}}}",
        report(EQUAL, 0, "").json());
  }

  @Test
  void equalOnlyIfNothingDiffersOrIsLeftToDo() {
    assertTrue(report(EQUAL, 0, "").isEqual());
    assertFalse(report(kind(3, 1, 0, 0), 0, "").isEqual());
    assertFalse(report(kind(3, 0, 1, 0), 0, "").isEqual());
    assertFalse(report(kind(3, 0, 0, 1), 0, "").isEqual());
    assertFalse(report(EQUAL, 1, "").isEqual());
    assertFalse(report(EQUAL, 0, "Unreachable: nobody answers").isEqual());
    assertFalse(report(kind(0, 0, 0, 0), 0, "").isEqual(), "nothing compared proves nothing");
  }

  @Test
  void missingOrExtraObjectCountsAsDifferent() {
    assertTrue(report(kind(3, 1, 2, 4), 0, "").json().contains("\"compared\":10,\"different\":7,"));
  }

  @Test
  void peopleSeeWhatWasLeftOutAndWhereItDiffers() {
    String text = printed(report(kind(3, 1, 0, 0), 0, "Busy: try later"));
    for (String expected :
        List.of("2 Claim", "APPLIED", "an example", "Busy: try later", "NOT EQUAL")) {
      assertTrue(text.contains(expected), text);
    }
  }

  @Test
  void aPushHasItsCountsAndSaysWhetherItIsSilent() {
    String json = pushed(SILENT, 0, "").json();
    assertTrue(
        json.contains(",\"pushed\":{\"APPLIED\":7,\"REMOVED\":1},\"silent\":true,\"parked\":0,"),
        json);
    assertTrue(pushed(new Silence(0, 21, 20), 0, "").json().contains("\"silent\":false"));
  }

  @Test
  void afterAPushEqualOnlyIfItIsCompleteAndSilent() {
    assertTrue(pushed(SILENT, 0, "").isEqual());
    assertFalse(pushed(SILENT, 1, "").isEqual());
    assertFalse(pushed(SILENT, 0, "Unreachable: nobody answers").isEqual());
    assertFalse(pushed(new Silence(1, 20, 20), 0, "").isEqual(), "something was changed");
    assertFalse(pushed(new Silence(0, 21, 20), 0, "").isEqual(), "something was sent");
  }

  @Test
  void peopleSeeWhatWasPushedAndWhetherItIsSilent() {
    String text = printed(pushed(new Silence(2, 21, 20), 1, "Busy: try later"));
    for (String expected :
        List.of("REMOVED", "1 parked", "Busy: try later", "NOT SILENT", "NOT EQUAL")) {
      assertTrue(text.contains(expected), text);
    }
  }

  @Test
  void aConflictIsToldWithWhatWasInDispute() {
    String json = decided(FIELDS, 0, true).json();
    assertTrue(
        json.contains(
            ",\"conflict\":{\"object\":\"Patient/p\",\"differences\":[{\"path\":\"gender\"}],"
                + "\"still_open\":0,\"holds\":true},\"parked\":0,"),
        json);
    String text = printed(decided(FIELDS, 1, false));
    for (String expected : List.of("NOT RESOLVED: 1 ", "Patient/p does not hold", "NOT EQUAL")) {
      assertTrue(text.contains(expected), text);
    }
  }

  @Test
  void afterAConflictEqualOnlyIfItWasMetIsGoneAndItsDecisionHolds() {
    assertTrue(decided(FIELDS, 0, true).isEqual());
    assertFalse(decided(FIELDS, 1, true).isEqual(), "a conflict is left");
    assertFalse(decided(FIELDS, 0, false).isEqual(), "a side has something else");
    assertFalse(decided(Json.MAPPER.createArrayNode(), 0, true).isEqual(), "nothing in dispute");
  }

  @Test
  void levelsAreEqualOnlyIfEachEditIsEverywhereAndTheLeafAgrees() {
    assertTrue(chain(9, EQUAL).isEqual());
    assertFalse(chain(8, EQUAL).isEqual(), "an edit is missing somewhere");
    assertFalse(chain(9, kind(3, 1, 0, 0)).isEqual(), "the leaf has something else");
    assertFalse(chain(9, kind(0, 0, 0, 0)).isEqual(), "nothing compared proves nothing");
    String json = chain(8, kind(3, 1, 0, 0)).json();
    assertTrue(
        json.contains(",\"levels\":{\"copies\":9,\"reached\":8,\"different_below\":1},"), json);
    String text = printed(chain(8, EQUAL));
    for (String expected : List.of("leaf", "NOT REACHED: 8 of 9", "NOT EQUAL")) {
      assertTrue(text.contains(expected), text);
    }
  }

  private static DemoReport chain(int reached, KindComparison below) {
    DemoReport equal = pushed(SILENT, 0, "");
    LevelsResult levels = new LevelsResult(9, reached, equal.push().orElseThrow(), List.of(below));
    return new DemoReport(
        equal.leftOut(),
        equal.pull(),
        equal.push(),
        Optional.empty(),
        Optional.of(levels),
        equal.kinds());
  }

  private static String printed(DemoReport report) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    report.print(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static KindComparison kind(int equal, int different, int missing, int extra) {
    return new KindComparison(
        ObjectKind.PATIENT, 9, 9, equal, different, missing, extra, List.of("an example"));
  }

  private static DemoReport report(KindComparison kind, long parked, String failure) {
    return report(kind, parked, failure, Optional.empty());
  }

  private static DemoReport pushed(Silence silence, long parked, String failure) {
    SortedMap<String, Long> counts = new TreeMap<>(Map.of("APPLIED", 7L, "REMOVED", 1L));
    return report(EQUAL, 0, "", Optional.of(new PushResult(counts, parked, failure, silence)));
  }

  private static DemoReport decided(ArrayNode differences, int stillOpen, boolean holds) {
    DemoReport equal = pushed(SILENT, 0, "");
    DecidedConflict conflict = new DecidedConflict("Patient/p", differences, stillOpen, holds);
    return new DemoReport(
        equal.leftOut(),
        equal.pull(),
        equal.push(),
        Optional.of(conflict),
        Optional.empty(),
        equal.kinds());
  }

  private static DemoReport report(
      KindComparison kind, long parked, String failure, Optional<PushResult> push) {
    SortedMap<String, Long> claims = new TreeMap<>(Map.of("Claim", 2L));
    SortedMap<String, Long> counts = new TreeMap<>(Map.of("APPLIED", 30L));
    return new DemoReport(
        new LeftOut(claims, new TreeMap<>()),
        new PullResult(30, counts, parked, 1.5, failure),
        push,
        Optional.empty(),
        Optional.empty(),
        List.of(kind));
  }
}
