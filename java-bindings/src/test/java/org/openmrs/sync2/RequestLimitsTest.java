package org.openmrs.sync2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** What a request may take of this server, however slow or compressed it is. */
class RequestLimitsTest {

  private static final long SECOND = 1_000_000_000L;

  /** More exchanges of all accounts than a test opens. */
  private static final int MANY = 1000;

  private final AtomicLong clock = new AtomicLong();

  /** A sender of whom each read takes so long and brings so many bytes. */
  private InputStream sender(long nanos, int bytes) {
    return new InputStream() {
      @Override
      public int read() {
        clock.addAndGet(nanos);
        return 'x';
      }

      @Override
      public int read(byte[] into, int offset, int length) {
        clock.addAndGet(nanos);
        return Math.min(bytes, length);
      }
    };
  }

  private int readsUntilRefused(InputStream body, int most) throws IOException {
    byte[] buffer = new byte[8192];
    for (int reads = 1; reads <= most; reads++) {
      try {
        body.read(buffer, 0, buffer.length);
      } catch (TooSlowException e) {
        return reads;
      }
    }
    return -1;
  }

  @Test
  void senderWhoLetsBytesDripIsRefusedAfterAWhile() throws IOException {
    InputStream body = new PacedInput(sender(SECOND, 1), clock::get);
    assertEquals(31, readsUntilRefused(body, 1000));
    assertThrows(TooSlowException.class, body::read);
  }

  @Test
  void slowLineIsNoDripAndTimeThatIsSpentHereDoesNotCount() throws IOException {
    assertEquals(-1, readsUntilRefused(new PacedInput(sender(SECOND, 300), clock::get), 1000));
    InputStream quick = new PacedInput(sender(0, 1), clock::get);
    for (int reads = 0; reads < 100; reads++) {
      assertEquals('x', quick.read());
      clock.addAndGet(100 * SECOND);
    }
  }

  private static byte[] compressed(byte[] bytes, int times) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      for (int time = 0; time < times; time++) {
        gzip.write(bytes);
      }
    }
    return out.toByteArray();
  }

  private static long expanded(byte[] compressed) throws IOException {
    InputStream in = BoundedGunzip.of(new ByteArrayInputStream(compressed));
    byte[] buffer = new byte[8192];
    long all = 0;
    for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
      all += read;
    }
    return all;
  }

  @Test
  void bodyThatExpandsOutOfProportionIsRefused() throws IOException {
    byte[] bomb = compressed(new byte[1 << 20], 42);
    assertTrue(bomb.length < 50_000, "it is small: " + bomb.length);
    assertThrows(TooLargeException.class, () -> expanded(bomb));
  }

  @Test
  void smallOrOrdinaryBodyIsDecompressed() throws IOException {
    assertEquals(1 << 20, expanded(compressed(new byte[1 << 20], 1)));
    byte[] document = new byte[10_000];
    new Random(7).nextBytes(document);
    byte[] words = new byte[10_000];
    for (int index = 0; index < words.length; index++) {
      words[index] = (byte) ('a' + Math.floorMod(document[index], 4));
    }
    assertEquals(2_000_000, expanded(compressed(words, 200)));
    InputStream one = BoundedGunzip.of(new ByteArrayInputStream(compressed(new byte[] {7}, 1)));
    assertArrayEquals(new int[] {7, -1}, new int[] {one.read(), one.read()});
  }

  @Test
  void oneAccountDoesNotTakeThePlacesOfAnother() {
    OpenExchanges open = new OpenExchanges();
    List<OpenExchanges.Place> places = new ArrayList<>();
    for (int number = 0; number < OpenExchanges.MOST_OPEN; number++) {
      places.add(open.enter("greedy", MANY));
    }
    assertThrows(SyncBusyException.class, () -> open.enter("greedy", MANY));
    assertNotNull(open.enter("modest", MANY));
    places.remove(0).close();
    assertNotNull(open.enter("greedy", MANY));
  }

  @Test
  void allAccountsTogetherTakeOnlySoManyPlaces() {
    OpenExchanges open = new OpenExchanges();
    List<OpenExchanges.Place> places = new ArrayList<>();
    for (int number = 0; number < 10; number++) {
      places.add(open.enter("child " + number, 10));
    }
    assertThrows(SyncBusyException.class, () -> open.enter("late", 10));
    assertThrows(SyncBusyException.class, () -> open.enter("child 0", 10));
    places.remove(0).close();
    assertNotNull(open.enter("late", 10));
    assertThrows(SyncBusyException.class, () -> open.enter("child 0", 10));
  }

  @Test
  void theMoreAccountsWaitTheLaterTheyAreToldToCome() {
    OpenExchanges open = new OpenExchanges();
    OpenExchanges.Place only = open.enter("first", 1);
    Set<Long> few = pauses(open, 1);
    Set<Long> many = pauses(open, 500);
    only.close();
    open.enter("first", 1);
    Set<Long> fewAgain = pauses(open, 1);

    long shortest = OpenExchanges.SHORTEST_PAUSE_SECONDS;
    long latestOfOne = shortest + OpenExchanges.PAUSE_SECONDS_BY_ACCOUNT;
    for (Set<Long> pauses : Arrays.asList(few, fewAgain)) {
      assertTrue(pauses.stream().allMatch(s -> s >= shortest && s <= latestOfOne), "" + pauses);
    }
    assertTrue(many.stream().allMatch(s -> s <= OpenExchanges.LONGEST_PAUSE_SECONDS), "" + many);
    assertTrue(many.size() > 50, "they do not come together: " + many);
  }

  private static Set<Long> pauses(OpenExchanges open, int accounts) {
    Set<Long> pauses = new TreeSet<>();
    for (int number = 0; number < accounts; number++) {
      String account = "waiting " + number;
      SyncBusyException refused =
          assertThrows(SyncBusyException.class, () -> open.enter(account, 1));
      pauses.add(refused.retryAfterMillis() / 1000);
    }
    return pauses;
  }

  @Test
  void onlySoManyRequestsOfAnAccountAreAwaitedAtOnce() {
    OpenExchanges open = new OpenExchanges();
    Map<Integer, OpenExchanges.Place> places = new HashMap<>();
    for (int number = 0; number <= OpenExchanges.MOST_AWAITED; number++) {
      places.put(number, open.enter("greedy", MANY));
    }
    for (int number = 0; number < OpenExchanges.MOST_AWAITED; number++) {
      assertTrue(places.get(number).await());
    }
    assertTrue(open.enter("modest", MANY).await());
    Thread.currentThread().interrupt();
    assertFalse(places.get(OpenExchanges.MOST_AWAITED).await(), "it would wait");
    assertTrue(Thread.interrupted());
    places.get(0).received();
    assertTrue(places.get(OpenExchanges.MOST_AWAITED).await());
  }
}
