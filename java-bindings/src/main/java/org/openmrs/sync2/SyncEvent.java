package org.openmrs.sync2;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** An event of a feed about one object. */
public final class SyncEvent {

  private final String category;
  private final String uuid;
  private final String action;
  private final List<String> tags;

  SyncEvent(String category, String uuid, String action, String[] tags) {
    this.category = category;
    this.uuid = uuid;
    this.action = action;
    this.tags = Collections.unmodifiableList(Arrays.asList(tags));
  }

  /** The kind of the object, such as {@code patient}. */
  public String category() {
    return category;
  }

  /** The object. */
  public String uuid() {
    return uuid;
  }

  /**
   * {@code CREATED}, {@code UPDATED}, {@code VOIDED}, {@code UNVOIDED}, {@code RETIRED}, {@code
   * UNRETIRED}, {@code DELETED}; {@code OTHER} when the feed's word is none of these.
   */
  public String action() {
    return action;
  }

  /** The other terms of the feed's entry, such as {@code location:UUID}. */
  public List<String> tags() {
    return tags;
  }
}
