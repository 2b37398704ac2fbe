package org.openmrs.sync2.system;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import org.mariadb.jdbc.MariaDbDataSource;
import org.openmrs.sync2.SyncEngine;
import org.openmrs.sync2.SyncExchange;
import org.openmrs.sync2.TestNode;
import org.openmrs.sync2.jdbc.JdbcHost;

/**
 * {@code LightParent JDBC_URL PORT NATIVE_DIRECTORY}: a root with the smallest host over MariaDB
 * that serves its exchange, and no more, to whoever asks, and counts what it saves. It prints
 * {@link #LISTENING} when it can be asked.
 */
public final class LightParent {

  static final String LISTENING = "listening";

  private static final String CONFIG =
      "{\"pull\": {\"enabled\": false}, \"exchange\": {\"children\": {\"child\": {\"write\":"
          + " [\"*\"]}}}}";
  private static final String REST = "/openmrs/ws/rest/v1/";
  private static final String SYNC2 = REST + "sync2/";
  private static final byte[] LOGGED_IN = "{\"authenticated\": true}".getBytes(UTF_8);
  private static final int UNKNOWN_LENGTH = 0;
  private static final int THREADS = 4;

  private LightParent() {}

  /** Serves until it is killed. */
  public static void main(String[] arguments) throws Exception {
    CountingHost host = new CountingHost(new JdbcHost(new MariaDbDataSource(arguments[0])));
    SyncEngine engine = SyncEngine.open(CONFIG, host, Path.of(arguments[2]));
    SyncExchange exchange = new SyncExchange(new TestNode(engine, Runnable::run));
    InetAddress address = InetAddress.getLoopbackAddress();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(address, Integer.parseInt(arguments[1])), 0);
    server.setExecutor(Executors.newFixedThreadPool(THREADS));
    server.createContext(REST + "session", LightParent::logIn);
    server.createContext(SYNC2, asked -> serve(exchange, asked));
    server.start();
    System.out.println(LISTENING);
  }

  /** Where a parent on that port is. */
  static URI url(int port) {
    return URI.create("http://127.0.0.1:" + port + "/openmrs");
  }

  /** There are no sessions here: each request brings its user. */
  private static void logIn(HttpExchange asked) throws IOException {
    asked.sendResponseHeaders(200, LOGGED_IN.length);
    asked.getResponseBody().write(LOGGED_IN);
    asked.close();
  }

  private static void serve(SyncExchange exchange, HttpExchange asked) throws IOException {
    SyncExchange.Request request =
        new SyncExchange.Request(
            asked.getRequestMethod(),
            asked.getRequestURI().getPath().substring(SYNC2.length()),
            asked.getRequestHeaders()::getFirst,
            asked.getRequestBody());
    try (asked) {
      exchange.handle(request.user("child", Set.of(SyncExchange.EXCHANGE)), new Answer(asked));
    }
  }

  private record Answer(HttpExchange asked) implements SyncExchange.Answer {

    @Override
    public void begin(int status, Map<String, String> headers) {
      headers.forEach(asked.getResponseHeaders()::set);
      try {
        asked.sendResponseHeaders(status, UNKNOWN_LENGTH);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public OutputStream body() {
      return asked.getResponseBody();
    }
  }
}
