package org.openmrs.sync2.acceptance.compare;

/** Where the two databases differ. */
public record RowDifference(String table, String key, String column, String parent, String child) {

  /** In the place of a column when a whole row is on one side only. */
  static final String ROW = "(row)";

  @Override
  public String toString() {
    return table + " " + key + " " + column + ": parent " + parent + ", child " + child;
  }
}
