package org.openmrs.sync2.acceptance.compare;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/** Compares rows of the parent with those of the child. Pure. */
public final class RowComparison {

  /** What says who saved or removed a row there, when and why: each server writes its own. */
  public static final Set<String> IGNORED =
      Set.of(
          "changed_by",
          "date_changed",
          "voided_by",
          "date_voided",
          "void_reason",
          "retired_by",
          "date_retired");

  private static final String CREATOR = "creator";
  private static final String CREATED = "date_created";

  private final Set<String> usersOfChild;
  private final List<RowDifference> differences = new ArrayList<>();

  private RowComparison(Set<String> usersOfChild) {
    this.usersOfChild = usersOfChild;
  }

  /**
   * Where the rows differ.
   *
   * @param usersOfChild uuids: creator and time of creation are compared only where the child has
   *     the creator
   */
  public static List<RowDifference> differences(
      List<Row> parent, List<Row> child, Set<String> usersOfChild) {
    RowComparison comparison = new RowComparison(usersOfChild);
    comparison.compare(byKey(parent), byKey(child));
    return comparison.differences;
  }

  /**
   * The same for rows that came from the child to the parent.
   *
   * @param usersOfParent uuids: creator and time of creation are compared only where the parent has
   *     the creator
   */
  static List<RowDifference> differencesAfterPush(
      List<Row> parent, List<Row> child, Set<String> usersOfParent) {
    return differences(child, parent, usersOfParent).stream().map(RowDifference::turned).toList();
  }

  private static Map<String, Row> byKey(List<Row> rows) {
    Map<String, Row> byKey = new LinkedHashMap<>();
    rows.forEach(row -> byKey.put(row.table() + " " + row.key(), row));
    return byKey;
  }

  private void compare(Map<String, Row> parent, Map<String, Row> child) {
    parent.forEach((key, row) -> compareWith(row, child.get(key)));
    child.forEach(
        (key, row) -> {
          if (!parent.containsKey(key)) {
            differ(row, RowDifference.ROW, "none", "present");
          }
        });
  }

  private void compareWith(Row parent, Row child) {
    if (child != null) {
      compareColumns(parent, child);
    } else if (!parent.removed()) {
      differ(parent, RowDifference.ROW, "present", "none");
    }
    // Otherwise it was removed at the parent before it ever came here: nothing to be kept.
  }

  private void compareColumns(Row parent, Row child) {
    Set<String> columns = new TreeSet<>(parent.values().keySet());
    columns.addAll(child.values().keySet());
    columns.removeAll(IGNORED);
    String creator = parent.values().get(CREATOR);
    if (creator != null && !usersOfChild.contains(creator)) {
      columns.removeAll(Set.of(CREATOR, CREATED));
    }
    for (String column : columns) {
      String here = parent.values().get(column);
      String there = child.values().get(column);
      if (!Objects.equals(here, there)) {
        differ(parent, column, here, there);
      }
    }
  }

  private void differ(Row row, String column, String parent, String child) {
    differences.add(new RowDifference(row.table(), row.key(), column, parent, child));
  }
}
