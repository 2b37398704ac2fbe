package org.openmrs.sync2.node.bench;

import com.sun.syndication.feed.atom.Feed;
import com.sun.syndication.feed.atom.Link;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.ict4h.atomfeed.client.AtomFeedProperties;
import org.ict4h.atomfeed.client.repository.AllFeeds;

/** The feeds of a parent, which end after so many entries in all. */
final class EventLimit extends AllFeeds {

  private static final String SESSION_PATH = "/ws/rest/v1/session";

  private int left;

  private EventLimit(AtomFeedProperties properties, Map<String, String> cookies, int most) {
    super(properties, cookies);
    this.left = most;
  }

  /** With a session: the feed takes no Basic auth. */
  static EventLimit logIn(String parentUrl, AtomFeedProperties properties, int most)
      throws IOException, InterruptedException {
    String credentials = BenchNodes.USERNAME + ":" + BenchNodes.PASSWORD;
    String encoded =
        Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8));
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(parentUrl + SESSION_PATH))
            .header("Authorization", "Basic " + encoded)
            .build();
    HttpResponse<Void> answer = HttpClient.newHttpClient().send(request, BodyHandlers.discarding());
    String cookie = answer.headers().firstValue("Set-Cookie").orElseThrow();
    String[] session = cookie.substring(0, cookie.indexOf(';')).split("=", 2);
    return new EventLimit(properties, Map.of(session[0], session[1]), most);
  }

  @Override
  @SuppressWarnings("unchecked") // The library is older than generics.
  public Feed getFor(URI uri) {
    Feed feed = super.getFor(uri);
    List<Object> entries = feed.getEntries();
    entries.subList(Math.min(left, entries.size()), entries.size()).clear();
    left -= entries.size();
    if (left == 0) {
      List<Link> links = feed.getOtherLinks();
      links.removeIf(link -> link.getRel().equals("next-archive"));
    }
    return feed;
  }
}
