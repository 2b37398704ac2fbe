package org.openmrs.sync2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionService;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openmrs.sync2.jdbc.JdbcHost;
import org.openmrs.sync2.jdbc.MariaDbServer;

/**
 * The feed of a node whose transactions overlap, on a database that has as many writers as it is
 * asked for: whoever follows the feed sees every event once.
 */
class ConcurrentFeedTest {

  private static final int WRITERS = 2;
  private static final int EVENTS = 10_000;
  private static final int EVENTS_IN_TRANSACTION = 25;
  private static final int EVENTS_AT_ONCE = 5;
  private static final int MOST_POLLS_IN_TRANSACTION = 3;
  private static final long PATIENCE_SECONDS = 120;
  private static final String ROOT = "{\"pull\": {\"enabled\": false}}";

  private final List<SyncEngine> engines = new ArrayList<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private MariaDbServer server;
  private DataSource database;

  @BeforeEach
  void start() throws Exception {
    server = MariaDbServer.start();
    database = server.database("parent");
  }

  @AfterEach
  void stop() throws Exception {
    threads.shutdownNow();
    engines.forEach(SyncEngine::close);
    server.close();
  }

  private FeedFollower follower() throws SQLException {
    SyncEngine engine = SyncEngine.open(ROOT, new JdbcHost(database), TestConfig.NATIVE);
    engines.add(engine);
    return new FeedFollower(engine);
  }

  @Test
  void aTransactionThatStaysOpenHoldsUpNobody() throws Exception {
    FeedFollower follower = follower();
    try (OwnChanges open = new OwnChanges(database.getConnection())) {
      open.create("late");
      try (OwnChanges quick = new OwnChanges(database.getConnection())) {
        quick.create("early").commit();
      }
      follower.poll();
      assertEquals(Arrays.asList("early"), follower.patients());
      open.commit();
    }
    follower.poll();
    assertEquals(Arrays.asList("early", "late"), follower.patients());
  }

  /** Two servers on one database serve the feed, so that publishing has a rival, too. */
  @Test
  void noEventOfOverlappingTransactionsIsMissedOrDoubled() throws Exception {
    AtomicInteger writing = new AtomicInteger(WRITERS);
    CyclicBarrier bothOpen = new CyclicBarrier(WRITERS);
    List<Reader> readers = new ArrayList<>();
    List<Writer> writers = new ArrayList<>();
    CompletionService<Void> work = new ExecutorCompletionService<>(threads);
    for (int number = 0; number < WRITERS; number++) {
      Reader reader = new Reader(follower(), writing);
      readers.add(reader);
      writers.add(new Writer(number, reader.polls, bothOpen, writing));
    }
    readers.forEach(work::submit);
    writers.forEach(work::submit);
    for (int ended = 0; ended < readers.size() + writers.size(); ended++) {
      Future<Void> next = work.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      assertNotNull(next, "nobody gets on");
      next.get();
    }

    Set<String> written = new HashSet<>();
    writers.forEach(writer -> written.addAll(writer.written));
    assertEquals(EVENTS, written.size());
    for (Reader reader : readers) {
      List<String> seen = reader.follower.patients();
      assertEquals(EVENTS, seen.size());
      assertEquals(written, new HashSet<>(seen));
      assertEquals(readers.get(0).follower.patients(), seen);
    }
  }

  /** Follows the feed without pause until everything is written, and then to its end. */
  private static final class Reader implements Callable<Void> {
    private final FeedFollower follower;
    private final AtomicInteger writing;
    private final Semaphore polls = new Semaphore(0);

    Reader(FeedFollower follower, AtomicInteger writing) {
      this.follower = follower;
      this.writing = writing;
    }

    @Override
    public Void call() {
      while (writing.get() > 0) {
        follower.poll();
        polls.release();
      }
      while (follower.poll()) {
        polls.release();
      }
      return null;
    }
  }

  /**
   * Commits transactions that overlap those of the other writer, and during which a reader polls.
   */
  private final class Writer implements Callable<Void> {
    private final int number;
    private final Random random;
    private final Semaphore polls;
    private final CyclicBarrier bothOpen;
    private final AtomicInteger writing;
    private final Set<String> written = new HashSet<>();

    Writer(int number, Semaphore polls, CyclicBarrier bothOpen, AtomicInteger writing) {
      this.number = number;
      this.random = new Random(number);
      this.polls = polls;
      this.bothOpen = bothOpen;
      this.writing = writing;
    }

    @Override
    public Void call() throws Exception {
      while (written.size() < EVENTS / WRITERS) {
        try (OwnChanges open = new OwnChanges(database.getConnection())) {
          for (int event = 0; event < EVENTS_IN_TRANSACTION; event += EVENTS_AT_ONCE) {
            open.create(newPatients());
          }
          bothOpen.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
          awaitPolls(random.nextInt(MOST_POLLS_IN_TRANSACTION + 1));
          open.commit();
        }
      }
      writing.decrementAndGet();
      return null;
    }

    private String[] newPatients() {
      String[] uuids = new String[EVENTS_AT_ONCE];
      for (int place = 0; place < uuids.length; place++) {
        uuids[place] = number + "-" + written.size();
        written.add(uuids[place]);
      }
      return uuids;
    }

    private void awaitPolls(int count) throws InterruptedException {
      polls.drainPermits();
      assertTrue(polls.tryAcquire(count, PATIENCE_SECONDS, TimeUnit.SECONDS), "the reader stopped");
    }
  }
}
