package org.openmrs.sync2;

/** A page of the feed that a node publishes, see {@link SyncEngine#feedPage}. */
public final class SyncFeedPage {

  private String etag;
  private boolean archived;
  private String document;

  private SyncFeedPage() {}

  /** The tag of the page as it is now, as it stands in the header {@code ETag}. */
  public String etag() {
    return etag;
  }

  /** Whether the page never changes again, so that whoever may read it may keep it. */
  public boolean archived() {
    return archived;
  }

  /** The Atom document; null when the asker has it already. */
  public String document() {
    return document;
  }
}
