package org.openmrs.sync2;

import java.util.Objects;

/** The result for one object that a {@link SyncClient} was asked for. */
public final class SyncFetched {

  private static final String DOCUMENT = "Document";
  private static final String GONE = "Gone";

  private final String kind;
  private final byte[] json;
  private final String url;
  private final String message;

  private SyncFetched(String kind, byte[] json, String url, String message) {
    this.kind = kind;
    this.json = json;
    this.url = url;
    this.message = message;
  }

  /**
   * Here it is.
   *
   * @param json the document, UTF-8, in the representation that was asked for
   * @param url where it comes from, for the audit
   */
  public static SyncFetched document(byte[] json, String url) {
    return new SyncFetched(
        DOCUMENT, Objects.requireNonNull(json, "json"), Objects.requireNonNull(url, "url"), null);
  }

  /**
   * There is proof that it was removed at the parent.
   *
   * @param url where it was, for the audit
   */
  public static SyncFetched gone(String url) {
    return new SyncFetched(GONE, null, Objects.requireNonNull(url, "url"), null);
  }

  /** It is not there, which is no proof that it was removed: it is parked. */
  public static SyncFetched notFound(String url) {
    return failed(new SyncNotFoundException("there is no such object", url, SyncException.NO_WAIT));
  }

  /** It could not be had: it is parked and tried again as its kind of failure says. */
  public static SyncFetched failed(SyncException failure) {
    return new SyncFetched(failure.kind(), null, failure.url(), failure.getMessage());
  }

  /** As the native library takes it: kind, document, address, message. */
  Object[] row() {
    return new Object[] {kind, json, url, message};
  }
}
