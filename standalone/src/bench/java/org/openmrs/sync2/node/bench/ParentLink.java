package org.openmrs.sync2.node.bench;

/**
 * By which of its ways a child gets what its parent has.
 *
 * @param url the parent's, or that of a line to it
 * @param feed {@code parent.feed} of the child's configuration
 * @param exchange {@code parent.exchange}
 * @param firstRun {@code pull.firstRun}
 */
record ParentLink(String url, String feed, String exchange, String firstRun) {

  private static final String NEVER = "never";
  private static final String BY_FEED = "feed";

  /**
   * As between two nodes with this engine: the feed that the parent publishes, and its exchange.
   */
  static ParentLink exchange(String url) {
    return new ParentLink(url, "sync2", "auto", BY_FEED);
  }

  /** The lists of what the parent has, and its exchange. */
  static ParentLink lists(String url) {
    return new ParentLink(url, "sync2", "auto", "backfill");
  }

  /** The feed that the parent publishes, and objects by FHIR. */
  static ParentLink ownFeed(String url) {
    return new ParentLink(url, "sync2", NEVER, BY_FEED);
  }

  /**
   * As with a parent without this engine: the feeds of the atomfeed module, and objects by FHIR.
   */
  static ParentLink atomfeed(String url) {
    return new ParentLink(url, "atomfeed", NEVER, BY_FEED);
  }
}
