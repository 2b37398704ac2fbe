package org.openmrs.sync2.acceptance.compare;

/** Where the two databases differ. */
public record RowDifference(String table, String key, String column, String parent, String child) {

  /** In the place of a column when a whole row is on one side only. */
  static final String ROW = "(row)";

  /** The same with both sides in each other's place. */
  RowDifference turned() {
    return new RowDifference(table, key, column, child, parent);
  }

  @Override
  public String toString() {
    return table + " " + key + " " + column + ": parent " + parent + ", child " + child;
  }
}
