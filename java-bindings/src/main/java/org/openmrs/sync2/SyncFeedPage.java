package org.openmrs.sync2;

import static java.nio.charset.StandardCharsets.UTF_8;

/** A page of the feed that a node publishes, see {@link SyncEngine#feedPage}. */
public final class SyncFeedPage {

  private final String etag;
  private final boolean archived;
  private final String document;

  SyncFeedPage(SyncApi.Response answer) {
    byte[] page = answer.value();
    etag = answer.headers().get("ETag");
    archived = answer.headers().get("Cache-Control").contains("immutable");
    document = answer.status() == 304 ? null : new String(page, UTF_8);
  }

  /** The tag of the page as it is now, as it stands in the header {@code ETag}. */
  public String etag() {
    return etag;
  }

  /** Returns true if the page never changes again, so that whoever may read it may keep it. */
  public boolean archived() {
    return archived;
  }

  /** The Atom document; null when the asker has it already. */
  public String document() {
    return document;
  }
}
