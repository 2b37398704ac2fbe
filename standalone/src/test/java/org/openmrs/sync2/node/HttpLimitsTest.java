package org.openmrs.sync2.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.openmrs.sync2.SyncExchange;

/** What a node takes of a request, and how long it waits for it, over HTTP. */
class HttpLimitsTest {

  private static final String READ = "/ws/rest/v1/sync2/objects/read";
  private static final String APPLY = "/ws/rest/v1/sync2/objects/apply";
  private static final String PATIENT = "/ws/fhir2/R4/Patient/3e4d5f60-0000-4000-8000-000000000001";
  private static final String CONFIG = "/ws/rest/v1/sync2/config";
  private static final String METADATA = "/ws/rest/v1/encountertype";
  private static final String FHIR = "application/fhir+json";

  private static final byte[] NOTHING = {};

  /** Some bytes more than a node takes. */
  private static final long TOO_MANY_BYTES = (64L << 20) + 1;

  /** What buffers of connections may hold besides. */
  private static final long MOST_UNDER_WAY = 32L << 20;

  /** Only to end a test that would hang. */
  private static final int PATIENCE_MILLIS = 240_000;

  private static TestNode node;

  @BeforeAll
  static void start() throws Exception {
    node =
        TestNode.start(
            false,
            "{\"pull\": {\"enabled\": false}, \"exchange\": {\"children\": {\"child\": {},"
                + " \"admin\": {}}}}");
  }

  @AfterAll
  static void stop() throws Exception {
    if (node != null) {
      node.close();
    }
  }

  /** A request whose body is sent bit by bit, or not at all. */
  private static final class OpenRequest implements AutoCloseable {
    private final Socket socket;
    private final BufferedReader answer;

    OpenRequest(String method, String path, String... headers) throws IOException {
      URI base = URI.create(node.server.baseUrl());
      socket = new Socket(InetAddress.getByName(base.getHost()), base.getPort());
      socket.setSoTimeout(PATIENCE_MILLIS);
      answer =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
      String head =
          method + " " + base.getPath() + path + " HTTP/1.1\r\nHost: " + base.getAuthority();
      send(head + "\r\n" + String.join("\r\n", headers) + "\r\n\r\n");
    }

    void send(String text) throws IOException {
      OutputStream out = socket.getOutputStream();
      out.write(text.getBytes(StandardCharsets.ISO_8859_1));
      out.flush();
    }

    boolean isAnswered() throws IOException {
      return answer.ready();
    }

    /** Waits for the answer. */
    int status() throws IOException {
      return Integer.parseInt(answer.readLine().split(" ")[1]);
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  /** An exchange that has begun, and of whose lines nothing has come yet. */
  private static OpenRequest openExchange(String account) throws IOException {
    return new OpenRequest(
        "POST",
        READ,
        "Authorization: " + TestNode.basic(account, password(account)),
        "Content-Type: " + SyncExchange.MEDIA_TYPE,
        "X-Sync2: 1",
        SyncExchange.NODE_HEADER + ": 11111111-2222-4333-8444-555555555555",
        "Transfer-Encoding: chunked");
  }

  /** A request of another address, whose body is to come. */
  private static OpenRequest open(String path) throws IOException {
    boolean isFhir = path.equals(PATIENT);
    return new OpenRequest(
        isFhir ? "PUT" : "POST",
        path,
        "Authorization: " + TestNode.basic("admin", "secret"),
        "Content-Type: " + (isFhir ? FHIR : "application/json"),
        "X-Sync2: 1",
        "Transfer-Encoding: chunked");
  }

  /** Sends a body in chunks until it is answered, and returns how much was sent. */
  private static long sendWithoutAnEnd(OpenRequest request) throws IOException {
    String chunk = "100000\r\n" + " ".repeat(1 << 20) + "\r\n";
    long sent = 0;
    try {
      while (!request.isAnswered() && sent < 4 * TOO_MANY_BYTES) {
        request.send(chunk);
        sent += 1 << 20;
      }
    } catch (IOException e) {
      // It has closed the connection: its answer is there.
    }
    return sent;
  }

  private static long usedAfterCollection() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private static String password(String account) {
    return account.equals("child") ? "child-secret" : "secret";
  }

  /** A whole exchange. */
  private static HttpResponse<String> exchange(String account, byte[] body) throws Exception {
    return node.send(
        node.request(READ)
            .header("Authorization", TestNode.basic(account, password(account)))
            .header("Content-Type", SyncExchange.MEDIA_TYPE)
            .header("X-Sync2", "1")
            .header(SyncExchange.NODE_HEADER, "11111111-2222-4333-8444-555555555555")
            .POST(BodyPublishers.ofByteArray(body))
            .build());
  }

  private static byte[] gzip(int bytes) throws IOException {
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(compressed)) {
      byte[] part = new byte[1 << 20];
      for (int written = 0; written < bytes; written += part.length) {
        out.write(part);
      }
    }
    return compressed.toByteArray();
  }

  @Test
  void aBodyThatIsSaidToBeTooLargeIsRefusedBeforeItComes() throws Exception {
    for (String path : List.of(PATIENT, READ, METADATA, "/ws/rest/v1/sync2/config")) {
      try (OpenRequest request =
          new OpenRequest(
              "PUT",
              path,
              "Authorization: " + TestNode.basic("admin", "secret"),
              "Content-Type: " + FHIR,
              "Content-Length: " + TOO_MANY_BYTES)) {
        assertEquals(413, request.status(), path);
      }
    }
  }

  /** Its head does not say how large it is. */
  @Test
  void aBodyThatDoesNotEndIsRefusedWhenItHasBecomeTooLarge() throws Exception {
    try (OpenRequest request = openExchange("admin")) {
      long sent = sendWithoutAnEnd(request);
      assertEquals(413, request.status());
      assertTrue(sent < TOO_MANY_BYTES + MOST_UNDER_WAY, "the exchange took " + sent);
    }
    String[] others = {CONFIG, METADATA, PATIENT};
    for (String path : others) {
      try (OpenRequest request = open(path)) {
        long sent = sendWithoutAnEnd(request);
        assertEquals(413, request.status(), path);
        assertTrue(sent < TOO_MANY_BYTES + MOST_UNDER_WAY, path + " took " + sent);
      }
    }
  }

  /** Each of its values takes many times as much memory as its two bytes. */
  @Test
  void metadataOfMoreThanAMebibyteIsRefusedBeforeItIsBuilt() throws Exception {
    String values = "{\"name\":\"large\",\"values\":[" + "0,".repeat(1 << 19) + "0]}";
    assertEquals(413, node.post(METADATA, values).statusCode());
    assertEquals(201, node.post(METADATA, "{\"name\":\"small\"}").statusCode());
  }

  @Test
  void ofALineThatDoesNotEndOnlyItsBeginningIsKept() throws Exception {
    try (OpenRequest request = openExchange("admin")) {
      request.send("1\r\n{\r\n");
      long before = usedAfterCollection();
      String chunk = "100000\r\n" + "x".repeat(1 << 20) + "\r\n";
      for (int sent = 0; sent < 55; sent++) {
        request.send(chunk);
      }
      long kept = usedAfterCollection() - before;
      assertTrue(kept < MOST_UNDER_WAY, "of 55 MiB it keeps " + (kept >> 20));
    }
  }

  @Test
  void nobodyIsAskedForABodyBeforeHeHasLoggedIn() throws Exception {
    for (String path : List.of(PATIENT, READ, APPLY, "/ws/rest/v1/sync2/pull")) {
      try (OpenRequest request =
          new OpenRequest("POST", path, "Content-Type: " + FHIR, "Content-Length: 1000000")) {
        assertEquals(401, request.status(), path);
      }
    }
  }

  @Test
  void anExchangeThatExpandsOutOfProportionIsRefused() throws Exception {
    HttpResponse<String> answer = exchange("child", gzip(32 << 20));
    assertEquals(413, answer.statusCode(), answer.body());
    assertTrue(answer.body().contains("Malformed"), answer.body());
  }

  /** HAPI would expand the whole of it in memory. */
  @Test
  void aCompressedResourceIsNotExpanded() throws Exception {
    HttpResponse<String> answer =
        node.send(
            node.request(PATIENT)
                .header("Content-Type", FHIR)
                .header("Content-Encoding", "gzip")
                .PUT(BodyPublishers.ofByteArray(gzip(1 << 20)))
                .build());
    assertEquals(415, answer.statusCode(), answer.body());
  }

  @Test
  void accountWithStalledExchangesGetsNoMoreAndOthersGetTheirs() throws Exception {
    List<OpenRequest> waiting = new ArrayList<>();
    try {
      for (int open = 0; open < 3; open++) {
        waiting.add(openExchange("child"));
      }
      // Of one of the three not even the first line is awaited.
      List<OpenRequest> refused = new ArrayList<>();
      for (long end = deadline(); refused.isEmpty() && System.nanoTime() < end; ) {
        assertEquals(200, exchange("admin", NOTHING).statusCode());
        for (OpenRequest request : waiting) {
          if (request.isAnswered()) {
            refused.add(request);
          }
        }
      }
      List<Integer> statuses = new ArrayList<>();
      for (OpenRequest request : refused) {
        statuses.add(request.status());
      }
      assertTrue(statuses.contains(503), statuses.toString());
    } finally {
      for (OpenRequest request : waiting) {
        request.close();
      }
    }
    // Their places are free once the node has noticed that they are gone.
    int status = 503;
    for (long end = deadline(); status == 503 && System.nanoTime() < end; ) {
      status = exchange("child", NOTHING).statusCode();
    }
    assertEquals(200, status);
  }

  private static long deadline() {
    return System.nanoTime() + PATIENCE_MILLIS * 1_000_000L;
  }

  /** Takes half a minute: so long a sender may take before it is asked how fast it is. */
  @Test
  void aBodyThatDripsIsRefused() throws Exception {
    try (OpenRequest exchange = openExchange("admin");
        OpenRequest api = open(CONFIG);
        OpenRequest metadata = open(METADATA)) {
      List<OpenRequest> requests = List.of(exchange, api, metadata);
      dripUntilAnswered(requests);
      for (OpenRequest request : requests) {
        assertEquals(408, request.status());
      }
    }
  }

  private static void dripUntilAnswered(List<OpenRequest> requests) throws Exception {
    List<OpenRequest> open = new ArrayList<>(requests);
    while (!open.isEmpty()) {
      for (OpenRequest request : List.copyOf(open)) {
        if (isAnsweredAfterADrop(request)) {
          open.remove(request);
        }
      }
      Thread.sleep(100);
    }
  }

  private static boolean isAnsweredAfterADrop(OpenRequest request) {
    try {
      request.send("1\r\n \r\n");
      return request.isAnswered();
    } catch (IOException e) {
      // The connection is closed: its answer is there.
      return true;
    }
  }
}
