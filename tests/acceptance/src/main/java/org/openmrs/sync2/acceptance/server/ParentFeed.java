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
 * The parent's feeds of each category: its own where it publishes one, as a child chooses that has
 * read none before; else those of its atomfeed module, which tell of a change one to two seconds
 * after its commit. Both are in the order of the commits.
 */
public final class ParentFeed {

  private static final Duration PUBLISHED_WITHIN = Duration.ofSeconds(60);
  private static final int PAGES_LOOKED_AT = 3;
  private static final String OWN = "/ws/rest/v1/sync2/feed/";
  private static final String ATOMFEED = "/ws/atomfeed/";

  private final OpenMrsServer parent;
  private final String root;
  private final String sentinel;

  private ParentFeed(OpenMrsServer parent, String root, String sentinel) {
    this.parent = parent;
    this.root = root;
    this.sentinel = sentinel;
  }

  /**
   * @param sentinel the uuid of a location that nothing else changes: its event tells that
   *     everything before it has been published
   */
  public static ParentFeed of(OpenMrsServer parent, String sentinel) throws IOException {
    boolean own = FeedPage.isFeed(parent.get(OWN + "recent").text());
    return new ParentFeed(parent, own ? OWN : ATOMFEED, sentinel);
  }

  /** Whether it is the parent's own. */
  public boolean isOwn() {
    return root.equals(OWN);
  }

  /** The module of the parent that publishes the feeds. */
  public String module() {
    return isOwn() ? "sync2" : "atomfeed";
  }

  /** The address of the newest page of a category, below the parent's. */
  public String recent(String category) {
    return root + category + "/recent";
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
    String path = recent(category);
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
