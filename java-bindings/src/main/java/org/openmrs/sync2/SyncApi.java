package org.openmrs.sync2;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UnsupportedEncodingException;
import java.net.URLEncoder;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The HTTP API below {@code /ws/rest/v1/sync2/}, as far as it is Java: a servlet or controller
 * copies its request into a {@link Request}, says who asks and with which of the {@link
 * #PRIVILEGES}, and writes the {@link Response}. Which addresses there are, what each needs and
 * what it answers is the native library's ({@code src/api}, {@code docs/openapi.yaml}).
 *
 * <p>Calls block on the database; none waits for a run, but a {@code POST config} for the batch of
 * the run that it cancels. Only {@code connection-test} and {@code preflight} block on the network,
 * for two and four minutes at the most.
 */
public final class SyncApi {

  /** The privilege to see status, runs and audit. */
  public static final String VIEW = "View Sync2 Audit";

  /**
   * The privilege to start and cancel runs, to retry records, to configure, to test the connection
   * and to choose which node this server is.
   */
  public static final String MANAGE = "Manage Sync2";

  /** The privilege to see both documents of a conflict and to decide which holds. */
  public static final String RESOLVE = "Resolve Sync2 Conflicts";

  /** The privilege to read the feed that this node publishes: what a child's account has. */
  public static final String GET_FEED = "Get Sync2 Feed";

  /** All that an address can need. */
  public static final List<String> PRIVILEGES =
      Collections.unmodifiableList(Arrays.asList(VIEW, MANAGE, RESOLVE, GET_FEED));

  /** How much of a body a carrier reads: a byte more than is accepted, so that it is noticed. */
  public static final int MOST_BYTES_READ = (1 << 20) + 1;

  /** The headers that an answer may depend on. */
  private static final List<String> HEADERS =
      Arrays.asList("Content-Type", "X-Sync2", "If-None-Match", "Accept-Encoding", "X-Sync2-Child");

  private final SyncNode node;
  private final Caller caller;

  /** Calls the engine on the thread that the request came on. */
  public SyncApi(SyncNode node) {
    this(node, Supplier::get);
  }

  /**
   * @param caller where the engine is called
   */
  public SyncApi(SyncNode node, Caller caller) {
    this.node = node;
    this.caller = caller;
  }

  /**
   * Returns the body of a request, as far as a carrier reads it. To be asked for somebody who is
   * logged in: it waits for what he sends.
   *
   * @throws TooSlowException when he lets it drip
   * @throws IOException when the connection breaks
   */
  public static byte[] body(InputStream in) throws IOException {
    InputStream paced = new PacedInput(in);
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    byte[] part = new byte[8192];
    for (int read = 0; read >= 0 && body.size() < MOST_BYTES_READ; ) {
      body.write(part, 0, read);
      read = paced.read(part, 0, Math.min(part.length, MOST_BYTES_READ - body.size()));
    }
    return body.toByteArray();
  }

  /**
   * Answers a request of somebody who is logged in; waits for the body that he sends.
   *
   * @throws IOException when the connection breaks
   */
  public Response handle(Request request, InputStream body) throws IOException {
    try {
      return handle(request.body(body(body)));
    } catch (TooSlowException e) {
      return Response.error(408, "Malformed", e.getMessage());
    }
  }

  /** Answers a request. */
  public Response handle(Request request) {
    try {
      return Response.read(caller.call(() -> answer(request)));
    } catch (SyncException e) {
      return Response.error(Native.httpStatus(e.kind()), e.kind(), e.getMessage());
    } catch (LinkageError e) {
      // The problems say why there is no native library.
      return Response.error(503, "Closed", String.join("; ", node.problems()));
    }
  }

  private byte[] answer(Request request) {
    ObjectNode head = request.head();
    long handle = 0;
    try {
      handle = node.engine().handle();
    } catch (SyncClosedException e) {
      head.put("closed", e.getMessage());
    }
    head.put("commit", node.commit());
    node.problems().forEach(head.putArray("problems")::add);
    return Native.answer(handle, node, request.written(head));
  }

  /**
   * Has parked records tried again at once.
   *
   * @param auditUuids of their audit messages
   * @return how many of them were parked
   */
  public long retry(Collection<String> auditUuids) {
    return Response.retried(handle(Request.retry(auditUuids)));
  }

  /** Shows a conflict, as {@link SyncEngine#conflict} does, where this calls the engine. */
  public byte[] conflict(String uuid) {
    return Response.one(handle(Request.ofProgram("GET", "conflicts/" + uuid)));
  }

  /** Decides a conflict, as {@link SyncEngine#resolve} does, where this calls the engine. */
  public SyncResolution resolve(String uuid, SyncDecision decision) {
    return Response.resolved(handle(Request.resolve(uuid, decision)));
  }

  /** Decides several conflicts, as {@link SyncEngine#resolveAll(Collection, SyncDecision)} does. */
  public List<SyncResolution.Outcome> resolveAll(Collection<String> uuids, SyncDecision decision) {
    return Response.outcomes(handle(Request.resolveAll(uuids, decision)));
  }

  /** Decides several conflicts, as the engine's method of the same name does. */
  public List<SyncResolution.Outcome> resolveAll(SyncConflictFilter filter, SyncDecision decision) {
    return Response.outcomes(handle(Request.resolveAll(filter, decision)));
  }

  /** The status of the node, as {@code GET status} gives it. */
  public SyncStatus status() {
    return Json.read(handle(Request.ofProgram("GET", "status")).value(), SyncStatus.class);
  }

  /** Returns the body of every refusal below {@code /ws/rest/v1/sync2/}, UTF-8 JSON. */
  static byte[] errorBody(String kind, String message) {
    ObjectNode body = Json.MAPPER.createObjectNode();
    body.putObject("error").put("kind", kind).put("message", message).putNull("details");
    return Json.write(body);
  }

  /** A request and who sends it. */
  public static final class Request {

    private final ObjectNode head = Json.MAPPER.createObjectNode();
    private byte[] body = new byte[0];

    /**
     * @param method such as {@code GET}
     * @param path below {@code /ws/rest/v1/sync2/}, decoded, without a leading slash
     */
    public Request(String method, String path) {
      head.put("method", method).put("path", path);
    }

    /** A request of the program itself, which may do everything. */
    static Request ofProgram(String method, String path) {
      return new Request(method, path).user("", PRIVILEGES);
    }

    /** A change by the program itself. */
    static Request ofProgram(String path, ObjectNode body) {
      Map<String, String> headers = new LinkedHashMap<>();
      headers.put("Content-Type", "application/json");
      headers.put("X-Sync2", "1");
      return ofProgram("POST", path).headers(headers::get).body(Json.write(body));
    }

    static Request retry(Collection<String> auditUuids) {
      ObjectNode body = Json.MAPPER.createObjectNode();
      auditUuids.forEach(body.putArray("uuids")::add);
      return ofProgram("audit/retry", body);
    }

    static Request retryByNextRun(Collection<String> auditUuids) {
      ObjectNode body = Json.MAPPER.createObjectNode().put("run", false);
      auditUuids.forEach(body.putArray("uuids")::add);
      return ofProgram("audit/retry", body);
    }

    static Request resolve(String uuid, SyncDecision decision) {
      return ofProgram("conflicts/" + uuid + "/resolve", decision.body())
          .user(decision.account(), PRIVILEGES);
    }

    static Request resolveAll(Collection<String> uuids, SyncDecision decision) {
      ObjectNode body = decision.body();
      uuids.forEach(body.putArray("uuids")::add);
      return ofProgram("conflicts/resolve", body).user(decision.account(), PRIVILEGES);
    }

    static Request resolveAll(SyncConflictFilter filter, SyncDecision decision) {
      ObjectNode body = decision.body();
      body.set("filter", filter.written());
      return ofProgram("conflicts/resolve", body).user(decision.account(), PRIVILEGES);
    }

    /** A value as it stands in a query. */
    static String encoded(String value) {
      try {
        return URLEncoder.encode(value, UTF_8.name());
      } catch (UnsupportedEncodingException e) {
        throw new IllegalStateException("every JVM has UTF-8", e);
      }
    }

    /**
     * @param query as it was sent, without the question mark; may be null
     */
    public Request query(String query) {
      head.put("query", query);
      return this;
    }

    /**
     * @param url the absolute url that was asked for, without the query: the links of a feed are
     *     made of it
     */
    public Request url(String url) {
      head.put("url", url);
      return this;
    }

    /**
     * @param headers gives the header of a name, or null
     */
    public Request headers(Function<String, String> headers) {
      ArrayNode all = head.putArray("headers");
      for (String name : HEADERS) {
        String value = headers.apply(name);
        if (value != null) {
          all.addArray().add(name).add(value);
        }
      }
      return this;
    }

    /**
     * Who is logged in. Without a call, nobody is.
     *
     * @param name of the account
     * @param privileges those of {@link #PRIVILEGES} that it has
     */
    public Request user(String name, Collection<String> privileges) {
      ObjectNode user = head.putObject("user").put("name", name);
      privileges.forEach(user.putArray("privileges")::add);
      return this;
    }

    /**
     * @param body what a POST brings, at most {@link #MOST_BYTES_READ} of it
     */
    public Request body(byte[] body) {
      this.body = body;
      return this;
    }

    private ObjectNode head() {
      return head.deepCopy();
    }

    /** As the native library reads it. */
    byte[] written() {
      return written(head);
    }

    private byte[] written(ObjectNode head) {
      byte[] line = Json.write(head);
      byte[] written = Arrays.copyOf(line, line.length + 1 + body.length);
      written[line.length] = '\n';
      System.arraycopy(body, 0, written, line.length + 1, body.length);
      return written;
    }
  }

  /** An answer. */
  public static final class Response {

    private final int status;
    private final Map<String, String> headers;
    private final byte[] body;

    private Response(int status, Map<String, String> headers, byte[] body) {
      this.status = status;
      this.headers = headers;
      this.body = body;
    }

    private static Response error(int status, String kind, String message) {
      Map<String, String> headers = new LinkedHashMap<>();
      headers.put("Content-Type", "application/json;charset=UTF-8");
      headers.put("Cache-Control", "no-store");
      return new Response(status, headers, errorBody(kind, message));
    }

    /** Reads the answer that the native library wrote. */
    static Response read(byte[] written) {
      int end = 0;
      while (written[end] != '\n') {
        end++;
      }
      JsonNode head = Json.tree(Arrays.copyOf(written, end));
      Map<String, String> headers = new LinkedHashMap<>();
      for (JsonNode header : head.get("headers")) {
        headers.put(header.get(0).asText(), header.get(1).asText());
      }
      byte[] body = Arrays.copyOfRange(written, end + 1, written.length);
      return new Response(head.get("status").asInt(), headers, body);
    }

    static long retried(Response response) {
      return Json.tree(response.value()).get("retried").asLong();
    }

    static SyncResolution resolved(Response response) {
      return Json.read(response.value(), SyncResolution.class);
    }

    static List<SyncResolution.Outcome> outcomes(Response response) {
      return Arrays.asList(Json.read(response.value(), SyncResolution.Outcome[].class));
    }

    /** Null when there is no such thing. */
    static byte[] one(Response response) {
      return response.status == 404 ? null : response.value();
    }

    /**
     * The body of an answer to a Java caller.
     *
     * @throws SyncException when it was refused
     */
    byte[] value() {
      if (status < 400) {
        return body;
      }
      JsonNode error = Json.tree(body).path("error");
      throw SyncException.of(
          error.path("kind").asText(), error.path("message").asText(), null, SyncException.NO_WAIT);
    }

    /** The HTTP status. */
    public int status() {
      return status;
    }

    /** Every header that the answer has, but its length, {@code Content-Type} included. */
    public Map<String, String> headers() {
      return Collections.unmodifiableMap(headers);
    }

    /** The body, coded as its headers say. */
    public byte[] body() {
      return body.clone();
    }
  }
}
