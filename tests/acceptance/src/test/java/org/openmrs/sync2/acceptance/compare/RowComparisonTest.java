package org.openmrs.sync2.acceptance.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RowComparisonTest {

  private static final Set<String> USERS = Set.of("admin");

  private static Row row(String key, String... columnsAndValues) {
    TreeMap<String, String> values = new TreeMap<>();
    for (int i = 0; i < columnsAndValues.length; i += 2) {
      values.put(columnsAndValues[i], columnsAndValues[i + 1]);
    }
    return new Row("person_name", key, values);
  }

  private static List<String> compare(List<Row> parent, List<Row> child) {
    return RowComparison.differences(parent, child, USERS).stream()
        .map(RowDifference::toString)
        .toList();
  }

  @Test
  void differencesNameTableRowColumnAndBothValues() {
    assertEquals(
        List.of("person_name n1 given_name: parent Ada, child null"),
        compare(
            List.of(row("n1", "given_name", "Ada", "voided", "0")),
            List.of(row("n1", "given_name", null, "voided", "0"))));
  }

  @Test
  void rowsOfOneSideOnlyAreDifferences() {
    assertEquals(
        List.of(
            "person_name n1 (row): parent present, child none",
            "person_name n2 (row): parent none, child present"),
        compare(List.of(row("n1", "voided", "0")), List.of(row("n2", "voided", "1"))));
  }

  @Test
  void objectRemovedBeforeItCameIsNoDifference() {
    assertEquals(List.of(), compare(List.of(row("n1", "voided", "1")), List.of()));
  }

  @Test
  void aRemovalThatIsMissingIsADifference() {
    assertEquals(
        List.of("person_name n1 voided: parent 1, child 0"),
        compare(List.of(row("n1", "voided", "1")), List.of(row("n1", "voided", "0"))));
  }

  @Test
  void authorAndTimeOfASaveAreNotCompared() {
    Row parent = row("n1", "changed_by", "admin", "date_changed", "2026-01-01", "void_reason", "a");
    Row child = row("n1", "changed_by", "sync", "date_changed", "2026-01-02", "void_reason", "b");
    assertEquals(List.of(), compare(List.of(parent), List.of(child)));
  }

  @Test
  void theCreatorIsComparedWhereTheChildHasTheUser() {
    Row parent = row("n1", "creator", "admin", "date_created", "2026-01-01");
    Row child = row("n1", "creator", "sync", "date_created", "2026-01-02");
    assertEquals(2, compare(List.of(parent), List.of(child)).size());
  }

  @Test
  void theCreatorIsNotComparedWhereTheChildDoesNotHaveTheUser() {
    Row parent = row("n1", "creator", "clerk", "date_created", "2026-01-01");
    Row child = row("n1", "creator", "sync", "date_created", "2026-01-02");
    assertEquals(List.of(), compare(List.of(parent), List.of(child)));
  }

  @Test
  void afterAPushTheChildsRowsAreTheOnesThatCame() {
    List<Row> parent = List.of(row("n1", "given_name", "Ada", "voided", "0"));
    List<Row> child =
        List.of(
            row("n1", "given_name", "Bea", "voided", "0"),
            row("n2", "voided", "1"),
            row("n3", "voided", "0"));
    assertEquals(
        List.of(
            "person_name n1 given_name: parent Ada, child Bea",
            "person_name n3 (row): parent none, child present"),
        RowComparison.differencesAfterPush(parent, child, USERS).stream()
            .map(RowDifference::toString)
            .toList());
  }

  @Test
  void afterAPushTheCreatorIsThatOfTheChild() {
    Row parent = row("n1", "creator", "sync", "date_created", "2026-01-02");
    Row known = row("n1", "creator", "admin", "date_created", "2026-01-01");
    Row unknown = row("n1", "creator", "clerk", "date_created", "2026-01-01");
    assertEquals(
        2, RowComparison.differencesAfterPush(List.of(parent), List.of(known), USERS).size());
    assertEquals(
        0, RowComparison.differencesAfterPush(List.of(parent), List.of(unknown), USERS).size());
  }
}
