package org.openmrs.sync2.node.demo;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;

/** A node that keeps what it is sent in memory and lists it two objects a page. */
final class FakeNode implements AutoCloseable {

  private static final int PAGE_SIZE = 2;

  private final HttpServer server;
  private final ExecutorService threads = Executors.newFixedThreadPool(4);

  /** By key, such as {@code Patient/p} or {@code visittype/v}. */
  final Map<String, ObjectNode> objects = new ConcurrentSkipListMap<>();

  /** The keys in the order in which they were sent. */
  final List<String> received = Collections.synchronizedList(new ArrayList<>());

  /** The key that is refused. */
  volatile String refused = "";

  /** How many writes are still answered with 409. */
  int conflicts;

  FakeNode() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/openmrs/ws/fhir2/R4/", exchange -> answer(exchange, "fhir2/R4/"));
    server.createContext("/openmrs/ws/rest/v1/", exchange -> answer(exchange, "rest/v1/"));
    server.setExecutor(threads);
    server.start();
  }

  NodeClient client() {
    return new NodeClient(
        URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/openmrs"), "u", "p");
  }

  void put(String key, String json) throws IOException {
    objects.put(key, (ObjectNode) Json.MAPPER.readTree(json.replace('\'', '"')));
  }

  private void answer(HttpExchange exchange, String root) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String key = path.substring(path.indexOf(root) + root.length());
    switch (exchange.getRequestMethod()) {
      case "PUT", "POST" -> store(exchange, key);
      case "DELETE" -> remove(exchange, key);
      default -> give(exchange, key);
    }
  }

  private void store(HttpExchange exchange, String path) throws IOException {
    ObjectNode body = (ObjectNode) Json.MAPPER.readTree(exchange.getRequestBody());
    String key = path.contains("/") ? path : path + "/" + body.path("uuid").asText();
    if (takeConflict()) {
      respond(exchange, 409, "{}");
    } else if (key.equals(refused)) {
      respond(exchange, 422, "{\"issue\": [{\"diagnostics\": \"not today\"}]}");
    } else {
      objects.put(key, body);
      received.add(key);
      respond(exchange, 201, "{}");
    }
  }

  private void remove(HttpExchange exchange, String key) throws IOException {
    respond(exchange, objects.remove(key) == null ? 404 : 200, "{}");
  }

  private synchronized boolean takeConflict() {
    return conflicts-- > 0;
  }

  private void give(HttpExchange exchange, String key) throws IOException {
    if (key.contains("/")) {
      respond(exchange, objects.containsKey(key) ? 200 : 404, String.valueOf(objects.get(key)));
    } else {
      respond(exchange, 200, page(exchange.getRequestURI(), key).toString());
    }
  }

  /** Both a FHIR search set and a REST list. */
  private ObjectNode page(URI uri, String type) {
    Map<String, String> query = query(uri);
    List<String> keys = new ArrayList<>(objects.keySet());
    keys.removeIf(key -> !key.startsWith(type + "/"));
    if (query.containsKey("_id")) {
      keys.retainAll(
          Arrays.stream(query.get("_id").split(",")).map(id -> type + "/" + id).toList());
    }
    int from = Integer.parseInt(query.getOrDefault("from", "0"));
    int to = Math.min(from + PAGE_SIZE, keys.size());
    ObjectNode page = Json.MAPPER.createObjectNode();
    ArrayNode entries = page.putArray("entry");
    ArrayNode results = page.putArray("results");
    for (String key : keys.subList(from, to)) {
      entries.addObject().set("resource", objects.get(key));
      results.add(objects.get(key));
    }
    if (to < keys.size()) {
      query.put("from", Integer.toString(to));
      String next = uri.getPath() + "?" + text(query);
      page.putArray("link").addObject().put("relation", "next").put("url", next);
      page.putArray("links").addObject().put("rel", "next").put("uri", next);
    }
    return page;
  }

  private static Map<String, String> query(URI uri) {
    Map<String, String> query = new TreeMap<>();
    for (String part : uri.getQuery().split("&")) {
      query.put(part.substring(0, part.indexOf('=')), part.substring(part.indexOf('=') + 1));
    }
    return query;
  }

  private static String text(Map<String, String> query) {
    return query.entrySet().stream()
        .map(part -> part.getKey() + "=" + part.getValue())
        .collect(Collectors.joining("&"));
  }

  private static void respond(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
