package org.openmrs.sync2;

import java.nio.file.Paths;

/** The entry points that only a test build of the native library has. */
final class NativeTesting {

  static {
    NativeLibrary.load(Paths.get("build", "native-unpacked"));
  }

  private NativeTesting() {}

  /** Panics. */
  static native void panic();

  /** Begins a transaction of the host and panics in it. */
  static native void panicInTransaction(SyncHost host);

  /** The names of all kinds of error, separated by spaces. */
  static native String errorKinds();

  /** Fails with that kind of error. */
  static native void fail(String kind);

  /** Calls every method of the host; a line for each answer. */
  static native byte[] callHost(SyncHost host);

  /** Calls {@code save}; how the engine sees what it throws. */
  static native String errorOfSave(SyncHost host);

  /** Logs, on this thread and on one that the JVM does not know. */
  static native void log(String message);

  /** The names of what the engine's tables promise on every database, one a line. */
  static native String storePromises();

  /** Fails when the host's database does not keep the promise of this name. */
  static native void keepStorePromise(String name, SyncHost host);

  /**
   * Fills the tables of the lists in the host's empty database, and fails when a page of a list has
   * to be sorted.
   *
   * @return how many plans were looked at
   */
  static native long checkListPlans(SyncHost host, long rows);

  /**
   * Fills the tables of the lists in the host's empty database with so many messages, and reads
   * them in each way that they can be asked for.
   *
   * @return the milliseconds of each list by name, as JSON
   */
  static native String listMilliseconds(SyncHost host, long messages);

  /**
   * Does in the tables of the host's database what a pull of so many events does, after those that
   * were passed before.
   */
  static native void pullEvents(SyncHost host, long passed, long events);
}
