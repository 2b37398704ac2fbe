package org.openmrs.sync2;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP API below {@code /ws/rest/v1/sync2/}, free of any web framework: a servlet or controller
 * turns its request into a {@link Request}, says who asks, and writes the {@link Response}.
 *
 * <p>Reading needs the privilege {@link #VIEW}, everything that changes something {@link #MANAGE},
 * and the feed {@link #GET_FEED}. What changes something is a POST of JSON with the header {@code
 * X-Sync2: 1}, which no form of another site can send. Errors are {@code {"error": {"kind",
 * "message", "details"}}}.
 *
 * <p>Calls block on the database; none waits for a run, but a {@code POST config} for the batch of
 * the run that it cancels. Only {@code connection-test} blocks on the network, for two minutes at
 * the most.
 */
public final class SyncApi {

  /** The privilege to see status, runs and audit. */
  public static final String VIEW = "View Sync2 Audit";

  /**
   * The privilege to start and cancel runs, to retry records, to configure, to test the connection
   * and to choose which node this server is.
   */
  public static final String MANAGE = "Manage Sync2";

  /** The privilege to read the feed that this node publishes: what a child's account has. */
  public static final String GET_FEED = "Get Sync2 Feed";

  private static final Logger LOG = LoggerFactory.getLogger(SyncApi.class);

  private static final String FEED_TYPE = "application/atom+xml;charset=UTF-8";

  /** For what never changes again; only for who asked, since it takes a privilege. */
  private static final String KEEP_A_YEAR = "private, max-age=31536000, immutable";

  /** To be asked for each time, with the tag of what is kept. */
  private static final String ASK_AGAIN = "no-cache";

  private static final int MAX_BODY = 1 << 20;
  private static final int MAX_RETRIES = 1000;
  private static final long DEFAULT_LIMIT = 50;
  private static final Set<String> PAGE = parameters("limit", "offset", "after");
  private static final Set<String> AUDIT =
      parameters(
          "limit",
          "offset",
          "after",
          "direction",
          "category",
          "objectUuid",
          "status",
          "runId",
          "errorKind",
          "from",
          "until");

  private final SyncNode node;
  private final List<Route> routes =
      Arrays.asList(
          view("status", request -> status()),
          view("runs", request -> page(request, engine()::runs, engine()::runs)),
          view("runs/{id}", request -> one("run", engine().run(request.last()))),
          view("parked", request -> page(request, engine()::parked, engine()::parked)),
          view("conflicts", request -> page(request, engine()::conflicts, engine()::conflicts)),
          view("marker", request -> ok(engine().markers())),
          view("audit", request -> ok(engine().audit(auditQuery(request)))),
          view(
              "audit/{uuid}",
              request -> one("audit message", engine().auditMessage(request.last()))),
          view("config", request -> configuration()),
          new Route("GET", "feed/{page}", GET_FEED, this::feedPage),
          new Route("GET", "feed/{category}/{page}", GET_FEED, this::feedPage),
          change("config", this::saveConfiguration),
          change("config/check", this::checkConfiguration),
          change("pull", this::pull),
          change("push", this::push),
          change("cancel", request -> cancel()),
          change("node", this::chooseNode),
          change("connection-test", request -> ok(engine().connectionTestJson())),
          change("audit/retry", this::retry));

  /** An API of that node. */
  public SyncApi(SyncNode node) {
    this.node = node;
  }

  /** Answers a request. Never throws. */
  public Response handle(Request request) {
    try {
      return route(request).answer(request);
    } catch (Refusal e) {
      return error(e.status, e.kind, e.getMessage());
    } catch (SyncException e) {
      return error(statusOf(e), e.kind(), e.getMessage());
    } catch (UnsupportedOperationException e) {
      return error(405, "MethodNotAllowed", e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("{} {} failed", request.method, request.path, e);
      return error(500, "Internal", "the request failed; the server's log says why");
    }
  }

  private Route route(Request request) {
    List<Route> onPath = new ArrayList<>();
    for (Route route : routes) {
      if (route.matches(request.segments())) {
        onPath.add(route);
      }
    }
    if (onPath.isEmpty()) {
      throw new Refusal(404, "NotFound", "there is no " + request.path);
    }
    for (Route route : onPath) {
      if (route.method.equals(request.method)) {
        return route;
      }
    }
    throw new Refusal(405, "MethodNotAllowed", request.path + " does not know " + request.method);
  }

  private Response status() {
    return ok(SyncStatus.json(node));
  }

  /** Of everything, or of the one object that the body names. */
  private Response pull(Request request) {
    JsonNode body = body(request);
    String category = body.path("category").textValue();
    String uuid = body.path("uuid").textValue();
    boolean everything = body.isMissingNode() || (body.isObject() && body.isEmpty());
    if (!everything && (category == null || uuid == null || body.size() != 2)) {
      String form = "the body is {} or {\"category\": ..., \"uuid\": ...}";
      throw new Refusal(400, "BadRequest", form);
    }
    return accepted("id", everything ? node.startPull() : node.startPull(category, uuid));
  }

  private Response push(Request request) {
    JsonNode body = body(request);
    if (!body.isMissingNode() && !(body.isObject() && body.isEmpty())) {
      throw new Refusal(400, "BadRequest", "the body is {}");
    }
    return accepted("id", node.startPush());
  }

  private Response cancel() {
    engine().cancel();
    return accepted("state", "cancelling");
  }

  private Response chooseNode(Request request) {
    JsonNode body = body(request);
    String choice = body.path("choice").textValue();
    if (choice == null || body.size() != 1) {
      throw new Refusal(400, "BadRequest", "the body is {\"choice\": \"adopt\" or \"renew\"}");
    }
    ObjectNode answer = Json.MAPPER.createObjectNode();
    return ok(Json.write(answer.put("nodeId", engine().chooseNode(choice))));
  }

  /** What the url asks for, the engine reads from it: the links of the page are made of it, too. */
  private Response feedPage(Request request) {
    SyncFeedPage page = engine().feedPage(request.url, request.ifNoneMatch);
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("ETag", page.etag());
    headers.put("Cache-Control", page.archived() ? KEEP_A_YEAR : ASK_AGAIN);
    headers.put("Vary", "Accept-Encoding");
    if (page.document() == null) {
      return new Response(304, headers, new byte[0]);
    }
    headers.put("Content-Type", FEED_TYPE);
    byte[] document = page.document().getBytes(UTF_8);
    if (!Gzip.isAccepted(request.acceptEncoding)) {
      return new Response(200, headers, document);
    }
    headers.put("Content-Encoding", Gzip.CODING);
    return new Response(200, headers, Gzip.compress(document));
  }

  private Response configuration() {
    return ok(node.configuration());
  }

  private Response saveConfiguration(Request request) {
    node.saveConfiguration(text(request));
    return configuration();
  }

  private Response checkConfiguration(Request request) {
    ObjectNode answer = Json.MAPPER.createObjectNode();
    ArrayNode warnings = answer.putArray("warnings");
    node.checkConfiguration(text(request)).forEach(warnings::add);
    return ok(Json.write(answer));
  }

  private Response retry(Request request) {
    List<String> uuids = new ArrayList<>();
    for (JsonNode uuid : body(request).path("uuids")) {
      uuids.add(uuid.asText());
    }
    if (uuids.isEmpty() || uuids.size() > MAX_RETRIES) {
      String form = "the body is {\"uuids\": [...]} with 1 to " + MAX_RETRIES + " audit messages";
      throw new Refusal(400, "BadRequest", form);
    }
    ObjectNode answer = Json.MAPPER.createObjectNode();
    return ok(Json.write(answer.put("retried", engine().retry(uuids))));
  }

  private SyncEngine engine() {
    return node.engine();
  }

  private static String text(Request request) {
    return new String(request.body, UTF_8);
  }

  private static JsonNode body(Request request) {
    try {
      return Json.MAPPER.readTree(request.body);
    } catch (IOException e) {
      throw new Refusal(400, "BadRequest", "the body is not JSON");
    }
  }

  private static AuditQuery auditQuery(Request request) {
    request.allowOnly(AUDIT);
    AuditQuery query =
        new AuditQuery()
            .direction(request.parameter("direction"))
            .category(request.parameter("category"))
            .objectUuid(request.parameter("objectUuid"))
            .status(request.parameter("status"))
            .runId(request.parameter("runId"))
            .errorKind(request.parameter("errorKind"))
            .limit(request.number("limit", DEFAULT_LIMIT))
            .offset(request.number("offset", 0))
            .after(request.parameter("after"));
    if (request.parameter("from") != null) {
      query.from(request.number("from", 0));
    }
    if (request.parameter("until") != null) {
      query.until(request.number("until", 0));
    }
    return query;
  }

  /** A list, after the row with the cursor that is asked for, else from an offset. */
  private static Response page(Request request, ListFrom from, ListAfter after) {
    request.allowOnly(PAGE);
    long limit = request.number("limit", DEFAULT_LIMIT);
    String cursor = request.parameter("after");
    return ok(
        cursor == null ? from.read(limit, request.number("offset", 0)) : after.read(limit, cursor));
  }

  private interface ListFrom {
    byte[] read(long limit, long offset);
  }

  private interface ListAfter {
    byte[] read(long limit, String cursor);
  }

  private static Response one(String what, byte[] json) {
    if (json == null) {
      throw new Refusal(404, "NotFound", "there is no such " + what);
    }
    return ok(json);
  }

  private static Response ok(byte[] json) {
    return new Response(200, json);
  }

  private static Response ok(String json) {
    return ok(json.getBytes(UTF_8));
  }

  /** What was asked for is under way; {@code status} and {@code runs} show it. */
  private static Response accepted(String field, String value) {
    return new Response(202, Json.write(Json.MAPPER.createObjectNode().put(field, value)));
  }

  private static Response error(int status, String kind, String message) {
    return new Response(status, errorBody(kind, message));
  }

  /** What every refusal below {@code /ws/rest/v1/sync2/} says, UTF-8 JSON. */
  static byte[] errorBody(String kind, String message) {
    ObjectNode body = Json.MAPPER.createObjectNode();
    body.putObject("error").put("kind", kind).put("message", message).putNull("details");
    return Json.write(body);
  }

  private static int statusOf(SyncException e) {
    switch (e.kind()) {
      case "Configuration":
        return 400;
      case "NotFound":
        return 404;
      case "AlreadyRunning":
      case "Outdated":
        return 409;
      case "Gone":
        return 410;
      case "Closed":
        return 503;
      default:
        return 500;
    }
  }

  private static Set<String> parameters(String... names) {
    return Collections.unmodifiableSet(new HashSet<>(Arrays.asList(names)));
  }

  private static Route view(String path, Action action) {
    return new Route("GET", path, VIEW, action);
  }

  private static Route change(String path, Action action) {
    return new Route("POST", path, MANAGE, action);
  }

  private interface Action {
    Response answer(Request request);
  }

  private static final class Route {
    private final String method;
    private final String[] segments;
    private final String privilege;
    private final Action action;

    Route(String method, String path, String privilege, Action action) {
      this.method = method;
      this.segments = path.split("/");
      this.privilege = privilege;
      this.action = action;
    }

    boolean matches(String[] asked) {
      if (asked.length != segments.length) {
        return false;
      }
      for (int index = 0; index < segments.length; index++) {
        if (!segments[index].startsWith("{") && !segments[index].equals(asked[index])) {
          return false;
        }
      }
      return true;
    }

    Response answer(Request request) {
      request.requirePrivilege(privilege);
      if (method.equals("POST")) {
        request.requireOwnJson();
      }
      return action.answer(request);
    }
  }

  private static final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final int status;
    private final String kind;

    Refusal(int status, String kind, String message) {
      super(message);
      this.status = status;
      this.kind = kind;
    }
  }

  /** A request and who sends it. */
  public static final class Request {
    private final String method;
    private final String path;
    private Map<String, String> parameters = Collections.emptyMap();
    private Set<String> privileges;
    private String contentType = "";
    private String syncHeader;
    private String url = "";
    private String ifNoneMatch;
    private String acceptEncoding;
    private byte[] body = new byte[0];

    /**
     * @param method such as {@code GET}
     * @param path below {@code /ws/rest/v1/sync2/}, without a leading slash
     */
    public Request(String method, String path) {
      this.method = method;
      this.path = path;
    }

    /** The query parameters, decoded. */
    public Request parameters(Map<String, String> parameters) {
      this.parameters = parameters;
      return this;
    }

    /** The privileges of the user who is logged in. Without a call, nobody is. */
    public Request privileges(Set<String> privileges) {
      this.privileges = privileges;
      return this;
    }

    /**
     * What a POST brings.
     *
     * @param contentType the header {@code Content-Type}; may be null
     * @param syncHeader the header {@code X-Sync2}; may be null
     * @param body at most 1 MiB is accepted: don't read more than a byte beyond that
     */
    public Request content(String contentType, String syncHeader, byte[] body) {
      this.contentType = contentType == null ? "" : contentType;
      this.syncHeader = syncHeader;
      this.body = body;
      return this;
    }

    /**
     * What a GET of the feed is answered by.
     *
     * @param url the absolute url that was asked for
     * @param ifNoneMatch the header {@code If-None-Match}; may be null
     * @param acceptEncoding the header {@code Accept-Encoding}; may be null
     */
    public Request asked(String url, String ifNoneMatch, String acceptEncoding) {
      this.url = url;
      this.ifNoneMatch = ifNoneMatch;
      this.acceptEncoding = acceptEncoding;
      return this;
    }

    private String[] segments() {
      return path.split("/", -1);
    }

    private String last() {
      String[] segments = segments();
      return segments[segments.length - 1];
    }

    private String parameter(String name) {
      String value = parameters.get(name);
      return value == null || value.isEmpty() ? null : value;
    }

    private long number(String name, long otherwise) {
      String value = parameter(name);
      try {
        return value == null ? otherwise : Long.parseLong(value);
      } catch (NumberFormatException e) {
        throw new Refusal(400, "BadRequest", name + " is a whole number");
      }
    }

    private void allowOnly(Set<String> known) {
      for (String name : parameters.keySet()) {
        if (!known.contains(name)) {
          throw new Refusal(400, "BadRequest", path + " does not know the parameter " + name);
        }
      }
    }

    private void requirePrivilege(String privilege) {
      if (privileges == null) {
        throw new Refusal(401, "NotAuthenticated", "log in first");
      }
      if (!privileges.contains(privilege)) {
        throw new Refusal(403, "Forbidden", "this needs the privilege \"" + privilege + "\"");
      }
    }

    private void requireOwnJson() {
      if (!contentType.split(";")[0].trim().equalsIgnoreCase("application/json")) {
        throw new Refusal(415, "UnsupportedMediaType", "the body must be application/json");
      }
      if (!"1".equals(syncHeader)) {
        throw new Refusal(403, "Forbidden", "the header X-Sync2: 1 is missing");
      }
      if (body.length > MAX_BODY) {
        throw new Refusal(413, "TooLarge", "the body is longer than " + MAX_BODY + " bytes");
      }
    }
  }

  /** An answer. */
  public static final class Response {

    private static final Map<String, String> JSON_HEADERS = jsonHeaders();

    private final int status;
    private final Map<String, String> headers;
    private final byte[] body;

    private Response(int status, Map<String, String> headers, byte[] body) {
      this.status = status;
      this.headers = headers;
      this.body = body;
    }

    /** JSON, not to be cached. */
    private Response(int status, byte[] json) {
      this(status, JSON_HEADERS, json);
    }

    private static Map<String, String> jsonHeaders() {
      Map<String, String> headers = new LinkedHashMap<>();
      headers.put("Content-Type", "application/json;charset=UTF-8");
      headers.put("Cache-Control", "no-store");
      return headers;
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
