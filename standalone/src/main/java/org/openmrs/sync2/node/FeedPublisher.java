package org.openmrs.sync2.node;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Publishes the feed's events shortly after their commit, on a thread of its own. */
final class FeedPublisher implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(FeedPublisher.class);

  private static final long INTERVAL_MILLIS = 200;
  private static final long STOP_SECONDS = 30;

  private final EventFeed feed;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(work -> new Thread(work, "feed-publisher"));

  FeedPublisher(EventFeed feed) {
    this.feed = feed;
    thread.scheduleWithFixedDelay(this::publish, 0, INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void publish() {
    try {
      feed.publish();
    } catch (RuntimeException e) {
      // Thrown on, it would end the schedule.
      LOG.error("Events could not be published. They stay queued and are tried again.", e);
    }
  }

  /** Waits for what is being published. */
  @Override
  public void close() {
    thread.shutdown();
    try {
      if (!thread.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
        LOG.error("Publishing did not stop within {} s.", STOP_SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
