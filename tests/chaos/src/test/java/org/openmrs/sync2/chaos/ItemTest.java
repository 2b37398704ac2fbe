package org.openmrs.sync2.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openmrs.sync2.chaos.Item.Conflict;
import org.openmrs.sync2.chaos.Item.Shown;
import org.openmrs.sync2.chaos.Item.Write;
import org.openmrs.sync2.chaos.Problem.Kind;
import org.openmrs.sync2.chaos.Step.Deed;

/** The oracle by itself: of P and its child A. */
class ItemTest {

  private static final String FIELD = "/valueString";

  private Item item;

  @BeforeEach
  void create() {
    item = new Item(org.openmrs.sync2.chaos.Kind.OBSERVATION, "o");
    write("A", Deed.CREATE, "", "first");
  }

  private void write(String node, Deed deed, String before, String after) {
    item.acknowledged(new Write(node, deed, field(before), field(after)));
  }

  private static Map<String, String> field(String value) {
    return value.isEmpty() ? Map.of() : Map.of(FIELD, value);
  }

  /** What is wrong when the nodes show these; the empty text where it is not there. */
  private List<Kind> judged(String atParent, String atChild, Conflict... conflicts) {
    Map<String, Shown> shown = new TreeMap<>();
    Map.of("P", atParent, "A", atChild)
        .forEach(
            (node, value) -> {
              if (!value.isEmpty()) {
                shown.put(node, new Shown(field(value), node.equals("A") ? written() : 1));
              }
            });
    return item.judge(shown, Map.of("A", "P"), List.of(conflicts)).stream()
        .map(Problem::kind)
        .distinct()
        .toList();
  }

  private int written() {
    return item.writes().size();
  }

  private static Conflict conflict(String ours, String theirs) {
    return new Conflict("A", "", field(ours), field(theirs));
  }

  @Test
  void writeThatIsEverywhereIsGood() {
    assertEquals(List.of(), judged("first", "first"));
    write("A", Deed.EDIT, "first", "second");
    assertEquals(List.of(), judged("second", "second"));
  }

  @Test
  void writeThatDidNotArriveIsLost() {
    assertEquals(List.of(Kind.DIFFERENT, Kind.LOST), judged("", "first"));
    write("A", Deed.EDIT, "first", "second");
    assertEquals(List.of(Kind.LOST, Kind.DOUBLED), judgedWithVersion("first", 3));
  }

  private List<Kind> judgedWithVersion(String everywhere, long version) {
    Shown here = new Shown(field(everywhere), version);
    return item.judge(Map.of("P", here, "A", here), Map.of("A", "P"), List.of()).stream()
        .map(Problem::kind)
        .distinct()
        .toList();
  }

  @Test
  void editThatReplacedWhatItsAuthorDidNotSeeIsOverwriting() {
    write("A", Deed.EDIT, "first", "of A");
    write("P", Deed.EDIT, "first", "of P");
    assertEquals(List.of(Kind.OVERWRITTEN), judged("of P", "of P"));
    assertEquals(List.of(Kind.LOST), judged("first", "first"));
    assertEquals(List.of(), judged("of P", "of A", conflict("of A", "of P")));
  }

  @Test
  void editThatNoSideOfTheConflictHasIsLost() {
    write("A", Deed.EDIT, "first", "of A");
    write("P", Deed.EDIT, "first", "of P");
    assertEquals(List.of(Kind.LOST), judged("of P", "first", conflict("first", "of P")));
  }

  @Test
  void laterEditThatSawTheOtherTakesItsPlace() {
    write("P", Deed.EDIT, "first", "second");
    write("A", Deed.EDIT, "second", "third");
    assertEquals(List.of(), judged("third", "third"));
    assertEquals(List.of(Kind.LOST), judged("second", "second"));
  }

  @Test
  void removedObjectThatIsThereIsResurrected() {
    write("A", Deed.REMOVE, "first", "");
    assertEquals(List.of(), judged("", ""));
    assertTrue(judged("first", "first").contains(Kind.RESURRECTED));
  }

  @Test
  void removalOfWhatAnotherEditedIsAConflict() {
    write("A", Deed.EDIT, "first", "second");
    write("P", Deed.REMOVE, "first", "");
    assertEquals(List.of(), judged("", "second", conflict("second", "")));
    assertTrue(judged("", "").contains(Kind.LOST));
    assertTrue(judged("second", "second").contains(Kind.LOST));
  }

  /** Who removed it saw what the other went back to. */
  @Test
  void removalStandsWhereAnotherTookAnEditBack() {
    write("P", Deed.REMOVE, "first", "");
    write("A", Deed.EDIT, "first", "second");
    write("A", Deed.UNDO, "second", "first");
    assertEquals(List.of(), judged("", ""));
    assertTrue(judged("first", "first").contains(Kind.RESURRECTED));
    write("P", Deed.UNREMOVE, "", "first");
    assertEquals(List.of(), judged("first", "first"));
  }

  @Test
  void restoredObjectIsThere() {
    write("A", Deed.REMOVE, "first", "");
    write("A", Deed.UNREMOVE, "", "first");
    assertEquals(List.of(), judged("first", "first"));
    assertTrue(judged("", "").contains(Kind.LOST));
  }

  @Test
  void editThatWasTakenBackDoesNotComeBack() {
    write("A", Deed.EDIT, "first", "second");
    write("A", Deed.UNDO, "second", "first");
    assertEquals(List.of(), judged("first", "first"));
    assertTrue(judged("second", "second").contains(Kind.LOST));
  }

  @Test
  void objectThatWasWrittenMoreOftenThanAnybodyWroteIsDoubled() {
    assertEquals(List.of(Kind.DOUBLED), judgedWithVersion("first", 3));
  }

  @Test
  void valueThatNobodyWroteIsOverwriting() {
    assertTrue(judged("made up", "made up").contains(Kind.OVERWRITTEN));
  }

  @Test
  void conflictWithoutADisputeIsNeedless() {
    assertTrue(item.isNeedless(List.of(conflict("first", "first"))));
    write("A", Deed.EDIT, "first", "of A");
    write("P", Deed.EDIT, "first", "of P");
    assertFalse(item.isNeedless(List.of(conflict("of A", "of P"))));
  }

  @Test
  void objectOfADatabaseThatWasReplacedHasToBeTheSameOnly() {
    write("A", Deed.EDIT, "first", "second");
    item.becomeUncertain("A went on with an older database");
    assertEquals(List.of(), judged("first", "first"));
    assertEquals(List.of(Kind.DIFFERENT), judged("first", "second"));
  }
}
