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
    int answered = fetched == null ? 0 : fetched.size();
    if (answered != uuids.length) {
      throw new IllegalStateException(
          String.format(
              "the client %s was asked for %d objects and answered for %d",
              client.name(), uuids.length, answered));
    }
    return fetched.stream().map(SyncFetched::row).toArray(Object[][]::new);
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
