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

  static native String outboxInsert(String databaseProduct);

  static native byte[] storedConfiguration(SyncHost host);

  static native void storeConfiguration(SyncHost host, byte[] document);

  static native long open(
      byte[] config, SyncHost host, byte[] settings, Object[] clients, Object[] filters);

  static native byte[] pull(long handle, String runId);

  static native byte[] push(long handle, String runId);

  static native void checkPull(long handle);

  static native void checkPush(long handle);

  static native void checkObject(long handle, String category, String uuid);

  static native byte[] pullObject(long handle, String runId, String category, String uuid);

  static native byte[] connectionTest(long handle);

  static native byte[] status(long handle);

  static native void cancel(long handle);

  static native byte[] audit(long handle, byte[] query);

  static native byte[] auditMessage(long handle, String uuid);

  static native byte[] run(long handle, String id);

  static native byte[] runs(long handle, long limit, long offset, String after);

  static native byte[] parked(long handle, long limit, long offset, String after);

  static native byte[] conflicts(long handle, long limit, long offset, String after);

  static native byte[] markers(long handle);

  static native long retry(long handle, String[] auditUuids);

  static native String chooseNode(long handle, String choice);

  static native byte[] feedPage(long handle, String url, String ifNoneMatch);

  static native byte[] readObjects(long handle, byte[] account, byte[] lines);

  static native byte[] applyObjects(long handle, byte[] account, String childNode, byte[] lines);

  static native byte[] listening(long handle, byte[] step);

  static native long largestLine(long handle);

  static native void close(long handle);
}
