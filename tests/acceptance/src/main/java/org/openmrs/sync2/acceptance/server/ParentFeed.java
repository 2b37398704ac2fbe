package org.openmrs.sync2.acceptance.server;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.openmrs.sync2.acceptance.Await;

/**
 * The feeds that the parent's atomfeed module publishes, one to two seconds after a commit and in
 * the order of the commits.
 */
public final class ParentFeed {

  private static final Duration PUBLISHED_WITHIN = Duration.ofSeconds(60);
  private static final int PAGES_LOOKED_AT = 3;
  private static final String ROOT = "/ws/atomfeed/";

  private final OpenMrsServer parent;
  private final String sentinel;

  private ParentFeed(OpenMrsServer parent, String sentinel) {
    this.parent = parent;
    this.sentinel = sentinel;
  }

  /**
   * @param sentinel the uuid of a location that nothing else changes: its event tells that
   *     everything before it has been published
   */
  public static ParentFeed of(OpenMrsServer parent, String sentinel) {
    return new ParentFeed(parent, sentinel);
  }

  /** Waits until everything that was written before this call is in the feeds. */
  public void awaitEverything() throws Exception {
    Set<String> before = idsOf(newest("location"));
    parent.change("location", sentinel, Map.of("description", UUID.randomUUID().toString()));
    Await.until(
        "the event of the last write in the parent's feed",
        PUBLISHED_WITHIN,
        () ->
            newest("location").stream()
                .anyMatch(
                    entry -> entry.content().contains(sentinel) && !before.contains(entry.id())));
  }

  /** The ids of those of the newest events of a category that tell of an object. */
  public Set<String> eventsOf(String category, String uuid) throws IOException {
    return idsOf(
        newest(category).stream().filter(entry -> entry.content().contains(uuid)).toList());
  }

  private List<FeedPage.Entry> newest(String category) throws IOException {
    List<FeedPage.Entry> entries = new ArrayList<>();
    String path = ROOT + category + "/recent";
    for (int page = 0; page < PAGES_LOOKED_AT && path != null; page++) {
      FeedPage read = FeedPage.parse(parent.get(path).text());
      entries.addAll(read.entries());
      path = read.previous().map(this::pathOf).orElse(null);
    }
    return entries;
  }

  private String pathOf(String link) {
    String prefix = URI.create(parent.base()).getPath();
    return URI.create(link).getPath().substring(prefix.length());
  }

  private static Set<String> idsOf(List<FeedPage.Entry> entries) {
    Set<String> ids = new HashSet<>();
    entries.forEach(entry -> ids.add(entry.id()));
    return ids;
  }
}
