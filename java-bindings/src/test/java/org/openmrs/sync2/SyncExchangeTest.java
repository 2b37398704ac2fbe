package org.openmrs.sync2;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openmrs.sync2.jdbc.JdbcHost;
import org.openmrs.sync2.jdbc.TestDatabases;

/** The exchange over streams: a root that children bring objects to and read them from. */
class SyncExchangeTest {

  private static final Set<String> ALLOWED = Collections.singleton(SyncExchange.EXCHANGE);

  /** As the engine has it. */
  private static final int CANONICAL_VERSION = 4;

  private static final String READ = "objects/read";
  private static final String APPLY = "objects/apply";

  private final Map<String, String> headers = new HashMap<>();
  private final Received received = new Received();
  private SyncEngine engine;
  private SyncExchange exchange;

  @BeforeEach
  void open() throws Exception {
    open("\"maxLineBytes\": 4096");
    exchange = new SyncExchange(node());
    headers.put("Content-Type", SyncExchange.MEDIA_TYPE);
    headers.put("X-Sync2", "1");
    headers.put(SyncExchange.NODE_HEADER, "child-node");
  }

  private void open(String limit) throws Exception {
    String root =
        "{\"pull\": {\"enabled\": false}, \"exchange\": {"
            + limit
            + ", \"children\": {\"child\": {\"write\": [\"*\"]}}}}";
    engine = SyncEngine.open(root, new JdbcHost(TestDatabases.h2()), TestConfig.NATIVE);
  }

  @AfterEach
  void close() {
    engine.close();
  }

  @Test
  void everyLineHasItsAnswerInItsPlaceHoweverManyThereAre() throws Exception {
    int objects = 2 * ExchangeLines.MOST_LINES + 3;
    exchange.handle(request(APPLY, applyLines(objects)), received);
    assertEquals(objects, received.lines().size());
    received.lines().forEach(answer -> assertEquals("applied", answer.path("status").asText()));

    Received read = new Received();
    exchange.handle(request(READ, readLines(objects + 1)), read);
    List<JsonNode> answers = read.lines();
    for (int number = 0; number < objects; number++) {
      assertEquals("t" + number, answers.get(number).path("document").path("uuid").asText());
    }
    assertEquals("absent", answers.get(objects).path("state").asText());
    assertEquals(SyncExchange.MEDIA_TYPE, read.headers.get("Content-Type"));
  }

  /** OpenMRS refuses requests whose head says so, or takes the coding off and leaves the head. */
  @Test
  void bodiesMayBeGzipWhateverTheirHeadSays() throws Exception {
    assertAllApplied(gzip(applyLines(3)));
    headers.put("Content-Encoding", "gzip");
    assertAllApplied(gzip(applyLines(3)));
    assertAllApplied(applyLines(3));
  }

  private void assertAllApplied(byte[] body) throws Exception {
    Received answer = new Received();
    exchange.handle(request(APPLY, body), answer);
    assertEquals(3, answer.lines().size());
  }

  @Test
  void answersAreGzipWhenThatIsAccepted() throws Exception {
    headers.put("Accept-Encoding", "br, gzip");
    exchange.handle(request(READ, readLines(3)), received);
    assertEquals("gzip", received.headers.get("Content-Encoding"));
    received.body = unzipped(received.body.toByteArray());
    assertEquals(3, received.lines().size());
  }

  @Test
  void lineThatIsTooLongFailsForItselfOnly() throws Exception {
    String padding = String.join("", Collections.nCopies(4096, "x"));
    String tooLong = applyLine("long", "\"" + padding + "\"");
    byte[] lines = (applyLine("a", "\"A\"") + tooLong + applyLine("b", "\"B\"")).getBytes(UTF_8);
    exchange.handle(request(APPLY, lines), received);
    List<JsonNode> answers = received.lines();
    assertEquals("applied", answers.get(0).path("status").asText());
    assertEquals("Malformed", answers.get(1).path("error").path("kind").asText());
    assertEquals("applied", answers.get(2).path("status").asText());
  }

  /** A body that comes without an end, as far as who reads it can tell, whatever its head says. */
  private static final class Endless extends InputStream {
    private static final long END = 2 * LimitedInput.MOST_BYTES;
    private final byte[] first;
    private final byte[] then;
    private long sent;

    /** Those bytes, and then the others again and again. */
    Endless(byte[] first, byte[] then) {
      this.first = first;
      this.then = then;
    }

    @Override
    public int read() {
      if (sent == END) {
        return -1;
      }
      byte next =
          sent < first.length
              ? first[(int) sent]
              : then[(int) ((sent - first.length) % then.length)];
      sent++;
      return next & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) {
      int count = (int) Math.min(length, END - sent);
      for (int index = 0; index < count; index++) {
        bytes[offset + index] = (byte) read();
      }
      return count == 0 ? -1 : count;
    }
  }

  private static SyncExchange.Request endless(Endless body, Map<String, String> headers) {
    return new SyncExchange.Request("POST", APPLY, headers::get, body).user("child", ALLOWED);
  }

  private static final byte[] NO_BYTES = {};

  @Test
  void bodyWithoutAnEndIsRefusedWhenItHasBecomeTooLarge() throws Exception {
    byte[] gzipWithAName = {31, (byte) 139, 8, 8, 0, 0, 0, 0, 0, 0};
    Endless[] bodies = {
      new Endless(NO_BYTES, "x".getBytes(UTF_8)),
      new Endless(NO_BYTES, "\n".getBytes(UTF_8)),
      new Endless(gzipWithAName, "x".getBytes(UTF_8)),
    };
    for (Endless body : bodies) {
      assertRefused(413, "Malformed", endless(body, headers));
      assertTrue(body.sent > LimitedInput.MOST_BYTES, "too early: " + body.sent);
      assertTrue(body.sent < LimitedInput.MOST_BYTES + (1 << 20), "too late: " + body.sent);
    }
  }

  @Test
  void linesWithoutAnEndAreBrokenOffAfterTheFirstOnesWereAnswered() {
    String line = String.join("", Collections.nCopies(1 << 16, "x")) + '\n';
    Endless body = new Endless(NO_BYTES, line.getBytes(UTF_8));
    assertThrows(IOException.class, () -> exchange.handle(endless(body, headers), received));
    assertEquals(200, received.status);
    assertTrue(body.sent < LimitedInput.MOST_BYTES + (1 << 20), "too late: " + body.sent);
  }

  @Test
  void bodyThatIsSaidToBeTooLargeIsNotRead() throws Exception {
    headers.put("Content-Length", Long.toString(LimitedInput.MOST_BYTES + 1));
    Endless body = new Endless(NO_BYTES, "x".getBytes(UTF_8));
    assertRefused(413, "Malformed", endless(body, headers));
    assertEquals(0, body.sent);
  }

  @Test
  void requestWithoutLinesIsAnsweredWithNone() throws Exception {
    exchange.handle(request(READ, new byte[0]), received);
    assertEquals(200, received.status);
    assertEquals(0, received.body.size());
  }

  @Test
  void nobodyExchangesAnythingWithoutThePrivilege() throws Exception {
    for (String path : new String[] {READ, APPLY}) {
      SyncExchange.Request anonymous = asked("POST", path, applyLines(1));
      assertRefused(401, "NotAuthenticated", anonymous);
      Set<String> others = Collections.singleton(SyncApi.MANAGE);
      assertRefused(403, "Forbidden", asked("POST", path, applyLines(1)).user("u", others));
    }
    Received read = new Received();
    exchange.handle(request(READ, readLines(1)), read);
    assertEquals("absent", read.lines().get(0).path("state").asText());
  }

  @Test
  void onlyThisVersionIsSpoken() throws Exception {
    String newer = "application/vnd.openmrs.sync2.v2+ndjson";
    for (String type : new String[] {newer, "application/json", null}) {
      headers.put("Content-Type", type);
      assertRefused(415, "UnsupportedMediaType", request(READ, readLines(1)));
    }
    headers.put("Content-Type", SyncExchange.MEDIA_TYPE);
    headers.put("Content-Encoding", "br");
    assertRefused(415, "UnsupportedMediaType", request(READ, readLines(1)));
  }

  @Test
  void formsOfOtherSitesAndUnknownChildrenAreRefused() throws Exception {
    headers.remove("X-Sync2");
    assertRefused(403, "Forbidden", request(READ, readLines(1)));
    headers.put("X-Sync2", "1");
    headers.remove(SyncExchange.NODE_HEADER);
    assertRefused(400, "BadRequest", request(READ, readLines(1)));
    headers.put(SyncExchange.NODE_HEADER, "no node id");
    assertRefused(400, "Malformed", request(APPLY, applyLines(1)));
    assertRefused(404, "NotFound", request("objects/list", new byte[0]));
    assertRefused(405, "MethodNotAllowed", asked("GET", READ, new byte[0]).user("u", ALLOWED));
  }

  @Test
  void bodyThatCannotBeDecompressedIsRefused() throws Exception {
    byte[] whole = gzip(readLines(50));
    assertRefused(400, "Malformed", request(READ, Arrays.copyOf(whole, whole.length / 2)));
    assertRefused(400, "Malformed", request(READ, Arrays.copyOf(whole, 5)));
  }

  @Test
  void nodeThatHasTooMuchToDoSaysWhenToComeAgain() throws Exception {
    exchange = busyAtCall(0);
    assertRefused(503, "Busy", request(READ, readLines(1)));
    assertEquals("2", received.headers.get("Retry-After"));
  }

  @Test
  void exchangeBeyondThoseOfAllIsToldWhenToComeAgain() throws Exception {
    engine.close();
    open("\"maxOpen\": 1");
    Received second = new Received();
    SyncExchange.Request first = request(READ, readLines(1));
    exchange =
        new SyncExchange(
            node(),
            work -> {
              if (second.status == 0) {
                handle(request(READ, readLines(1)), second);
              }
              return work.get();
            });

    exchange.handle(first, received);

    assertEquals(200, received.status);
    assertEquals(503, second.status);
    long pause = Long.parseLong(second.headers.get("Retry-After"));
    assertTrue(pause >= OpenExchanges.SHORTEST_PAUSE_SECONDS, pause + " s");
    Received afterwards = new Received();
    exchange.handle(request(READ, readLines(1)), afterwards);
    assertEquals(200, afterwards.status);
  }

  private void handle(SyncExchange.Request request, Received answer) {
    try {
      exchange.handle(request, answer);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void groupWaitsForItsTurnOnceTheAnswerHasBegun() throws Exception {
    exchange = busyAtCall(1);
    exchange.handle(request(READ, readLines(ExchangeLines.MOST_LINES + 1)), received);
    assertEquals(ExchangeLines.MOST_LINES + 1, received.lines().size());
  }

  @Test
  void answerThatHasBegunIsBrokenOffWhenTheEngineFails() throws Exception {
    List<byte[]> answered = new ArrayList<>();
    exchange =
        new SyncExchange(
            node(),
            work -> {
              if (!answered.isEmpty()) {
                throw new SyncException("Host", "the database is away");
              }
              answered.add(work.get());
              return answered.get(0);
            });
    SyncExchange.Request twoGroups = request(READ, readLines(ExchangeLines.MOST_LINES + 1));
    assertThrows(IOException.class, () -> exchange.handle(twoGroups, received));
    assertEquals(200, received.status);
  }

  @Test
  void engineThatIsNotOpenIsToldBeforeTheFirstByte() throws Exception {
    TestNode node = node();
    node.closed = "it is being configured";
    exchange = new SyncExchange(node);
    assertRefused(503, "Closed", request(READ, readLines(1)));
  }

  /** An exchange whose engine is busy once, at that call of it, counted from 0. */
  private SyncExchange busyAtCall(int busy) {
    AtomicInteger calls = new AtomicInteger();
    return new SyncExchange(
        node(),
        work -> {
          if (calls.getAndIncrement() == busy) {
            throw new SyncBusyException("come later", 1500);
          }
          return work.get();
        });
  }

  private TestNode node() {
    return new TestNode(engine, work -> {});
  }

  private void assertRefused(int status, String kind, SyncExchange.Request request)
      throws IOException {
    received.begun = false;
    received.body.reset();
    exchange.handle(request, received);
    assertEquals(status, received.status);
    JsonNode error = Json.tree(received.body.toByteArray()).path("error");
    assertEquals(kind, error.path("kind").asText());
    assertFalse(error.path("message").asText().isEmpty());
  }

  private SyncExchange.Request request(String path, byte[] lines) {
    return asked("POST", path, lines).user("child", ALLOWED);
  }

  private SyncExchange.Request asked(String method, String path, byte[] lines) {
    return new SyncExchange.Request(method, path, headers::get, new ByteArrayInputStream(lines));
  }

  private static byte[] readLines(int count) {
    StringBuilder lines = new StringBuilder();
    for (int number = 0; number < count; number++) {
      lines.append("{\"category\":\"encounter_type\",\"representation\":\"rest\",\"uuid\":\"t");
      lines.append(number).append("\"}\n");
    }
    return lines.toString().getBytes(UTF_8);
  }

  private static byte[] applyLines(int count) {
    StringBuilder lines = new StringBuilder();
    for (int number = 0; number < count; number++) {
      lines.append(applyLine("t" + number, "\"type " + number + "\""));
    }
    return lines.toString().getBytes(UTF_8);
  }

  private static String applyLine(String uuid, String name) {
    return "{\"category\":\"encounter_type\",\"representation\":\"rest\",\"action\":\"CREATED\","
        + "\"canonicalVersion\":"
        + CANONICAL_VERSION
        + ",\"uuid\":\""
        + uuid
        + "\",\"document\":{\"uuid\":\""
        + uuid
        + "\",\"name\":"
        + name
        + "}}\n";
  }

  private static byte[] gzip(byte[] plain) throws IOException {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(zipped)) {
      out.write(plain);
    }
    return zipped.toByteArray();
  }

  private static ByteArrayOutputStream unzipped(byte[] zipped) throws IOException {
    ByteArrayOutputStream plain = new ByteArrayOutputStream();
    try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(zipped))) {
      byte[] part = new byte[4096];
      for (int read = in.read(part); read >= 0; read = in.read(part)) {
        plain.write(part, 0, read);
      }
    }
    return plain;
  }

  /** What a child would receive. */
  private static final class Received implements SyncExchange.Answer {
    int status;
    boolean begun;
    Map<String, String> headers;
    ByteArrayOutputStream body = new ByteArrayOutputStream();

    @Override
    public void begin(int status, Map<String, String> headers) {
      assertFalse(begun, "an answer begins once");
      begun = true;
      this.status = status;
      this.headers = headers;
    }

    @Override
    public OutputStream body() {
      assertTrue(begun, "an answer begins with its head");
      return body;
    }

    List<JsonNode> lines() {
      List<JsonNode> lines = new ArrayList<>();
      for (String line : new String(body.toByteArray(), UTF_8).split("\n")) {
        lines.add(Json.tree(line.getBytes(UTF_8)));
      }
      return lines;
    }
  }
}
