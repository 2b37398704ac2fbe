package org.openmrs.sync2;

import com.fasterxml.jackson.databind.JsonNode;

/** Which conflicts are decided together. What is not set does not restrict. */
public final class SyncConflictFilter {

  private String category;
  private String kind;
  private String direction;

  /** Those of one category, such as {@code patient}. */
  public SyncConflictFilter category(String category) {
    this.category = category;
    return this;
  }

  /**
   * Those of one kind: {@code CONTENT}, both sides changed the object, or {@code REMOVAL}, one side
   * removed it.
   */
  public SyncConflictFilter kind(String kind) {
    this.kind = kind;
    return this;
  }

  /** Those that were noticed last in one direction: {@code pull} or {@code push}. */
  public SyncConflictFilter direction(String direction) {
    this.direction = direction;
    return this;
  }

  /** As it stands in a request. */
  JsonNode written() {
    return Json.MAPPER.valueToTree(this);
  }
}
