package org.openmrs.sync2.acceptance.compare;

import java.util.SortedMap;

/**
 * A row as it is the same on every server.
 *
 * @param key its uuid; where the table has none, the uuids of the rows that its primary key refers
 *     to
 * @param values by column; in the place of a foreign key the uuid of the row that it refers to;
 *     null for NULL
 */
public record Row(String table, String key, SortedMap<String, String> values) {

  /** Whether it is kept only for history. */
  boolean removed() {
    return "1".equals(values.get("voided"));
  }
}
