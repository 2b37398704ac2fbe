package org.openmrs.sync2;

import java.util.Arrays;
import java.util.List;

/** Calls clients and filters for the native library, in types that cross the boundary. */
final class Injected {

  private Injected() {}

  static String name(SyncClient client) {
    return client.name();
  }

  static boolean serves(SyncClient client, String representation, String category) {
    return client.serves(representation, category);
  }

  /** A row for each uuid, see {@link SyncFetched#row()}. */
  static Object[][] fetch(SyncClient client, String representation, String category, String[] uuids)
      throws Exception {
    List<SyncFetched> fetched = client.fetch(representation, category, Arrays.asList(uuids));
    if (fetched == null || fetched.size() != uuids.length) {
      throw new IllegalStateException(
          "the client "
              + client.name()
              + " was asked for "
              + uuids.length
              + " objects and answered for "
              + (fetched == null ? 0 : fetched.size()));
    }
    Object[][] rows = new Object[uuids.length][];
    for (int index = 0; index < rows.length; index++) {
      rows[index] = fetched.get(index).row();
    }
    return rows;
  }

  static boolean wantsEvent(
      SyncFilter filter, String category, String uuid, String action, String[] tags)
      throws Exception {
    return filter.wantsEvent(new SyncEvent(category, uuid, action, tags));
  }

  static boolean wantsDocument(
      SyncFilter filter, String representation, String category, String uuid, byte[] json)
      throws Exception {
    return filter.wantsDocument(representation, category, uuid, json);
  }
}
