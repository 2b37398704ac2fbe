package org.openmrs.sync2.node;

import com.sun.syndication.feed.atom.Feed;
import com.sun.syndication.io.FeedException;
import com.sun.syndication.io.WireFeedOutput;
import java.net.URI;
import java.sql.Connection;
import java.util.UUID;
import java.util.function.Function;
import javax.sql.DataSource;
import org.ict4h.atomfeed.jdbc.JdbcConnectionProvider;
import org.ict4h.atomfeed.server.repository.AllEventRecords;
import org.ict4h.atomfeed.server.repository.AllEventRecordsQueue;
import org.ict4h.atomfeed.server.repository.jdbc.AllEventRecordsOffsetMarkersJdbcImpl;
import org.ict4h.atomfeed.server.repository.jdbc.AllEventRecordsQueueJdbcImpl;
import org.ict4h.atomfeed.server.repository.jdbc.ChunkingEntriesJdbcImpl;
import org.ict4h.atomfeed.server.service.Event;
import org.ict4h.atomfeed.server.service.EventFeedService;
import org.ict4h.atomfeed.server.service.EventFeedServiceImpl;
import org.ict4h.atomfeed.server.service.EventService;
import org.ict4h.atomfeed.server.service.EventServiceImpl;
import org.ict4h.atomfeed.server.service.feedgenerator.NumberFeedGenerator;
import org.ict4h.atomfeed.server.service.publisher.EventRecordsPublishingService;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The node's Atom feed, written and served by ICT4H's library as OpenMRS's atomfeed module does it:
 * a change queues its event in its own transaction, and one publisher numbers what has been
 * committed. So readers never skip an event of a transaction that commits late.
 */
final class EventFeed {

  private final EventService queue;
  private final AllEventRecordsQueue queued;
  private final AllEventRecords published;
  private final EventFeedService pages;
  private final TransactionTemplate transactions;

  EventFeed(DataSource dataSource) {
    JdbcConnectionProvider connections = () -> connectionOfTransaction(dataSource);
    this.queued = new AllEventRecordsQueueJdbcImpl(connections);
    this.queue = new EventServiceImpl(queued);
    this.published = new SeekableEventRecords(connections);
    this.pages =
        new EventFeedServiceImpl(
            new NumberFeedGenerator(
                published,
                new AllEventRecordsOffsetMarkersJdbcImpl(connections),
                new ChunkingEntriesJdbcImpl(connections)));
    this.transactions = new TransactionTemplate(new DataSourceTransactionManager(dataSource));
  }

  private static Connection connectionOfTransaction(DataSource dataSource) {
    return DataSourceUtils.getConnection(dataSource);
  }

  /**
   * Queues an event in the caller's transaction.
   *
   * @param action such as {@code CREATED}
   */
  void queue(NodeCategory category, String action, String uuid) {
    queue.notify(
        new Event(
            UUID.randomUUID().toString(),
            title(category),
            null,
            (URI) null,
            links(category, uuid),
            category.feedName(),
            action));
  }

  private static String title(NodeCategory category) {
    return category.feedName().substring(0, 1).toUpperCase() + category.feedName().substring(1);
  }

  /**
   * The {@code fhir} link is wrong in the way that the atomfeed module's is: fhir2 serves another
   * path.
   */
  private static String links(NodeCategory category, String uuid) {
    StringBuilder links = new StringBuilder("{");
    if (category.restResource() != null) {
      links
          .append("\"rest\":\"/ws/rest/v1/")
          .append(category.restResource())
          .append('/')
          .append(uuid);
      links.append("?v=full\"");
    }
    if (category.fhirType() != null) {
      links.append(links.length() > 1 ? "," : "");
      links
          .append("\"fhir\":\"/ws/fhir/")
          .append(category.fhirType())
          .append('/')
          .append(uuid)
          .append('"');
    }
    return links.append('}').toString();
  }

  /**
   * Publishes what has been committed since the last time, in the order in which it was queued. The
   * caller sees to it that there is one publisher: the library deletes what it has read.
   */
  synchronized void publish() {
    transactions.executeWithoutResult(
        status -> EventRecordsPublishingService.publish(published, queued));
  }

  /**
   * The page that is being filled.
   *
   * @param url where it was asked for; its links are made from it
   */
  String recentPage(URI url, String category) {
    return page(service -> service.getRecentFeed(url, category));
  }

  /**
   * A page by its number.
   *
   * @throws org.ict4h.atomfeed.server.exceptions.AtomFeedRuntimeException when there is no such
   *     page yet
   */
  String numberedPage(URI url, String category, int number) {
    return page(service -> service.getEventFeed(url, category, number));
  }

  private String page(Function<EventFeedService, Feed> read) {
    Feed feed = transactions.execute(status -> read.apply(pages));
    try {
      return new WireFeedOutput().outputString(feed);
    } catch (FeedException e) {
      throw new IllegalStateException("The feed cannot be written: " + e.getMessage(), e);
    }
  }
}
