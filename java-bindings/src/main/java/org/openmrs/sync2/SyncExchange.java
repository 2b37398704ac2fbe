package org.openmrs.sync2;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The exchange of objects in bulk below {@code /ws/rest/v1/sync2/}, free of any web framework:
 * {@code POST objects/read} and {@code POST objects/apply} of newline-delimited JSON, an answer
 * line for each line. Both ways stream, a group of lines at a time, so memory is bounded.
 *
 * <p>It needs the privilege {@link #EXCHANGE}, the header {@code X-Sync2: 1}, which no form of
 * another site can send, the child's node id in {@link #NODE_HEADER}, and {@link #MEDIA_TYPE} as
 * content type, which names the version. Bodies may be gzip, with or without a header that says so;
 * answers are when that is accepted. What each account may exchange is configured ({@code
 * exchange.children}). Refusals are {@code {"error": {"kind", "message", "details"}}} and say 503
 * with {@code Retry-After} when this node has too much to do.
 */
public final class SyncExchange {

  /** The privilege to read and write objects: what a child's account has. */
  public static final String EXCHANGE = "Exchange Sync2 Objects";

  /** The content type of requests and answers. */
  public static final String MEDIA_TYPE = "application/vnd.openmrs.sync2.v1+ndjson";

  /** The header in which a child says its node id. */
  public static final String NODE_HEADER = "X-Sync2-Node";

  private static final Logger LOG = LoggerFactory.getLogger(SyncExchange.class);

  private static final String READ = "objects/read";
  private static final String APPLY = "objects/apply";

  private static final byte[] NOTHING = {};

  private final SyncNode node;
  private final Caller caller;
  private final OpenExchanges open = new OpenExchanges();

  /** Calls the engine on the thread that the request came on. */
  public SyncExchange(SyncNode node) {
    this(node, Supplier::get);
  }

  /**
   * @param caller where the engine is called, a group of lines at a time
   */
  public SyncExchange(SyncNode node, Caller caller) {
    this.node = node;
    this.caller = caller;
  }

  /** Where the answer goes. */
  public interface Answer {

    /** Begins the answer. Called once, before the body. */
    void begin(int status, Map<String, String> headers);

    /** The body; it is not closed here. */
    OutputStream body() throws IOException;
  }

  /**
   * Answers a request. Blocks as long as lines come in, on the stream and on the database.
   *
   * @throws IOException when the connection breaks, or when the exchange fails after the answer has
   *     begun: it must then be broken off, so that the child sees that it is not whole
   */
  public void handle(Request request, Answer answer) throws IOException {
    OpenExchanges.Place place;
    try {
      request.check();
      place = enter(request.account.name());
    } catch (Refusal e) {
      refuse(answer, e);
      return;
    }
    try {
      converse(request, answer, place);
    } finally {
      place.close();
    }
  }

  private OpenExchanges.Place enter(String account) {
    try {
      return open.enter(account, node.engine().mostOpenExchanges());
    } catch (SyncException e) {
      throw Refusal.of(e);
    }
  }

  /** Nothing of the body is read before this. */
  private void converse(Request request, Answer answer, OpenExchanges.Place place)
      throws IOException {
    Conversation conversation;
    try {
      conversation = new Conversation(request, place);
    } catch (Refusal e) {
      refuse(answer, e);
      return;
    } catch (SyncException e) {
      refuse(answer, Refusal.of(e));
      return;
    } catch (RuntimeException e) {
      LOG.error("{} failed", request.path, LoggedFailure.of(e));
      String message = "the exchange failed; the parent's log says why";
      refuse(answer, new Refusal(500, "Internal", message));
      return;
    }
    conversation.answer(answer);
  }

  private static void refuse(Answer answer, Refusal refusal) throws IOException {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Content-Type", "application/json;charset=UTF-8");
    headers.put("Cache-Control", "no-store");
    if (refusal.retryAfterSeconds >= 0) {
      headers.put("Retry-After", Long.toString(refusal.retryAfterSeconds));
    }
    if (refusal.status == 405) {
      headers.put("Allow", "POST");
    }
    answer.begin(refusal.status, headers);
    answer.body().write(SyncApi.errorBody(refusal.kind, refusal.getMessage()));
  }

  /** A request that is being answered. */
  private final class Conversation {

    /** How long a group waits for its turn once the answer has begun and cannot say "later". */
    private static final int MOST_TURNS = 300;

    private static final long TURN_MILLIS = 200;

    private final Request request;
    private final ExchangeLines lines;
    private final byte[] firstAnswers;

    /** Does what can still be refused: the first group. */
    Conversation(Request request, OpenExchanges.Place place) throws IOException {
      this.request = request;
      long largestLine = node.engine().largestLine();
      if (!place.await()) {
        throw Refusal.of(OpenExchanges.tooManyOfAccount());
      }
      byte[] first;
      try {
        this.lines = new ExchangeLines(received(request::lines), largestLine);
        first = nextGroup();
      } finally {
        place.received();
      }
      this.firstAnswers = first == null ? new byte[0] : exchange(first);
    }

    private byte[] nextGroup() throws IOException {
      return received(lines::nextGroup);
    }

    private <T> T received(Reading<T> reading) throws IOException {
      try {
        return reading.read();
      } catch (ZipException | EOFException e) {
        throw undecodable();
      } catch (TooSlowException e) {
        throw new Refusal(408, "Malformed", e.getMessage());
      } catch (TooLargeException e) {
        throw tooLarge(e);
      }
    }

    private Refusal undecodable() {
      return new Refusal(400, "Malformed", "the body begins as gzip, but cannot be decompressed");
    }

    private byte[] exchange(byte[] group) {
      SyncEngine engine = node.engine();
      return caller.call(
          () ->
              request.path.equals(READ)
                  ? engine.readObjects(request.account, group)
                  : engine.applyObjects(request.account, request.node(), group));
    }

    /** Writes the first answers, then those of one group after the other. */
    void answer(Answer answer) throws IOException {
      answer.begin(200, request.answerHeaders());
      OutputStream body = answer.body();
      if (request.acceptsGzip()) {
        GZIPOutputStream gzip = new GZIPOutputStream(body);
        write(gzip);
        gzip.finish();
      } else {
        write(body);
      }
    }

    private void write(OutputStream out) throws IOException {
      try {
        out.write(firstAnswers);
        for (byte[] group = nextGroup(); group != null; group = nextGroup()) {
          out.write(exchangeInTurn(group));
        }
      } catch (RuntimeException e) {
        throw new IOException("the exchange broke off after its answer had begun", e);
      } finally {
        end();
      }
    }

    /** What was answered stands, whatever happens here. */
    private void end() {
      if (!request.path.equals(APPLY)) {
        return;
      }
      try {
        SyncEngine engine = node.engine();
        caller.call(
            () -> {
              engine.endExchange(request.node());
              return NOTHING;
            });
      } catch (RuntimeException e) {
        LOG.warn("the end of an exchange was not noted", LoggedFailure.of(e));
      }
    }

    private byte[] exchangeInTurn(byte[] group) throws IOException {
      for (int turn = 1; ; turn++) {
        try {
          return exchange(group);
        } catch (SyncBusyException e) {
          if (turn == MOST_TURNS) {
            throw e;
          }
          pause();
        }
      }
    }

    private void pause() throws IOException {
      try {
        Thread.sleep(TURN_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while a group waited for its turn");
      }
    }
  }

  /** Takes something of a body. */
  private interface Reading<T> {
    T read() throws IOException;
  }

  private static Refusal tooLarge(TooLargeException e) {
    return new Refusal(413, "Malformed", e.getMessage());
  }

  /** Why nothing was done. */
  private static final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final int status;
    private final String kind;
    private final long retryAfterSeconds;

    Refusal(int status, String kind, String message) {
      this(status, kind, message, SyncException.NO_WAIT);
    }

    private Refusal(int status, String kind, String message, long retryAfterSeconds) {
      super(message);
      this.status = status;
      this.kind = kind;
      this.retryAfterSeconds = retryAfterSeconds;
    }

    static Refusal of(SyncException e) {
      long wait = e.retryAfterMillis();
      long seconds = wait < 0 ? SyncException.NO_WAIT : (wait + 999) / 1000;
      return new Refusal(Native.httpStatus(e.kind()), e.kind(), e.getMessage(), seconds);
    }
  }

  /** A request and who sends it. */
  public static final class Request {
    private final String method;
    private final String path;
    private final Function<String, String> headers;
    private final InputStream body;
    private SyncAccount account;
    private Set<String> privileges = Collections.emptySet();

    /**
     * @param method such as {@code POST}
     * @param path below {@code /ws/rest/v1/sync2/}, without a leading slash
     * @param headers gives the header of a name, or null
     * @param body not closed here
     */
    public Request(String method, String path, Function<String, String> headers, InputStream body) {
      this.method = method;
      this.path = path;
      this.headers = headers;
      this.body = body;
    }

    /** Who is logged in, and with which privileges for the endpoints. Without a call, nobody is. */
    public Request user(SyncAccount account, Set<String> privileges) {
      this.account = account;
      this.privileges = privileges;
      return this;
    }

    /** As {@link #user(SyncAccount, Set)}, at a host that has no rights of its own. */
    public Request user(String account, Set<String> privileges) {
      return user(SyncAccount.of(account), privileges);
    }

    private void check() {
      if (!path.equals(READ) && !path.equals(APPLY)) {
        throw new Refusal(404, "NotFound", "there is no " + path);
      }
      if (!method.equals("POST")) {
        throw new Refusal(405, "MethodNotAllowed", path + " does not know " + method);
      }
      if (account == null) {
        throw new Refusal(401, "NotAuthenticated", "log in first");
      }
      if (!privileges.contains(EXCHANGE)) {
        throw new Refusal(403, "Forbidden", "this needs the privilege \"" + EXCHANGE + "\"");
      }
      checkHeaders();
    }

    private void checkHeaders() {
      if (isSaidToBeTooLarge()) {
        throw tooLarge(LimitedInput.tooLarge());
      }
      if (!header("Content-Type").split(";")[0].trim().equalsIgnoreCase(MEDIA_TYPE)) {
        throw new Refusal(415, "UnsupportedMediaType", "the body must be " + MEDIA_TYPE);
      }
      if (!coding().isEmpty() && !coding().equals(Gzip.CODING)) {
        throw new Refusal(415, "UnsupportedMediaType", "the body may be gzip, nothing else");
      }
      if (!header("X-Sync2").equals("1")) {
        throw new Refusal(403, "Forbidden", "the header X-Sync2: 1 is missing");
      }
      if (node().isEmpty()) {
        throw new Refusal(400, "BadRequest", "the header " + NODE_HEADER + " is missing");
      }
    }

    private boolean isSaidToBeTooLarge() {
      try {
        return Long.parseLong(header("Content-Length")) > LimitedInput.MOST_BYTES;
      } catch (NumberFormatException e) {
        // Nothing is said; it is seen while the body comes.
        return false;
      }
    }

    /**
     * The first bytes tell whether it is gzip. The header {@code Content-Encoding} does not:
     * OpenMRS refuses requests that have it, unless a global property allows their path, and then
     * takes the coding off but leaves the header.
     */
    private InputStream lines() throws IOException {
      InputStream in = new BufferedInputStream(new PacedInput(new LimitedInput(body)));
      in.mark(2);
      boolean gzip = (in.read() | in.read() << 8) == GZIPInputStream.GZIP_MAGIC;
      in.reset();
      return gzip ? BoundedGunzip.of(in) : in;
    }

    private Map<String, String> answerHeaders() {
      Map<String, String> answer = new LinkedHashMap<>();
      answer.put("Content-Type", MEDIA_TYPE);
      answer.put("Cache-Control", "no-store");
      answer.put("Vary", "Accept-Encoding");
      if (acceptsGzip()) {
        answer.put("Content-Encoding", Gzip.CODING);
      }
      return answer;
    }

    private boolean acceptsGzip() {
      return Gzip.isAccepted(headers.apply("Accept-Encoding"));
    }

    private String coding() {
      return header("Content-Encoding").trim().toLowerCase(Locale.ROOT);
    }

    private String node() {
      return header(NODE_HEADER);
    }

    private String header(String name) {
      String value = headers.apply(name);
      return value == null ? "" : value;
    }
  }
}
