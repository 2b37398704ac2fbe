package org.openmrs.sync2;

/**
 * The functions of the native library. A handle stands for an open engine; an unknown one gives
 * {@link SyncClosedException}. Texts and answers are UTF-8 JSON. Every failure is a {@link
 * SyncException}.
 */
final class Native {

  private Native() {}

  static native byte[] checkConfig(byte[] config);

  static native String restView(String category);

  static native byte[] kinds();

  static native String outboxInsert(String databaseProduct);

  static native byte[] storedConfiguration(SyncHost host);

  static native void storeConfiguration(SyncHost host, byte[] document);

  static native long open(
      byte[] config, SyncHost host, byte[] settings, Object[] clients, Object[] filters);

  /**
   * Answers a request of the API: a line of JSON and the body, both ways.
   *
   * @param node may be null: then nothing can be started or configured
   */
  static native byte[] answer(long handle, SyncNode node, byte[] request);

  /** The HTTP status that a kind of failure is answered with. */
  static native int httpStatus(String kind);

  static native String announce(long handle, byte[] wanted);

  static native void withdraw(long handle, String runId, String why);

  static native byte[] perform(long handle, String runId);

  static native byte[] readObjects(long handle, byte[] account, byte[] lines);

  static native byte[] applyObjects(long handle, byte[] account, String childNode, byte[] lines);

  static native void endExchange(long handle, String childNode);

  static native byte[] listening(long handle, byte[] step);

  static native int mostOpenExchanges(long handle);

  static native long largestLine(long handle);

  static native void close(long handle);
}
