package org.openmrs.sync2.node;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.SessionTrackingMode;
import jakarta.servlet.http.HttpServlet;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.Set;
import javax.sql.DataSource;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.http.HttpCookie.SameSite;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.SizeLimitHandler;
import org.eclipse.jetty.server.handler.StatisticsHandler;
import org.eclipse.jetty.server.handler.gzip.GzipHandler;
import org.openmrs.sync2.NativeLibrary;
import org.openmrs.sync2.Outbox;
import org.openmrs.sync2.SyncEngine;
import org.openmrs.sync2.SyncExchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node without OpenMRS: a FHIR server, REST metadata and their Atom feed over one database, under
 * OpenMRS's paths. Several can run in one JVM, each with its own data directory.
 */
public final class NodeServer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(NodeServer.class);

  private static final String CONTEXT_PATH = "/openmrs";
  private static final long LARGEST_REQUEST_BYTES = 64L << 20;
  private static final int SESSION_SECONDS = 30 * 60;

  /** The open parts, the last first. */
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();

  private final StatisticsHandler requests = new StatisticsHandler();
  private final String baseUrl;
  private final EventFeed feed;
  private final NodeHost host;
  private final SyncService sync;

  /**
   * Starts a node. Takes seconds, and returns when it answers requests.
   *
   * @throws NodeConfigException when the data directory was made with other settings, or the
   *     storage is to be lossy and {@link StorageImitation} is missing
   * @throws Exception when the database is in use, the port is taken, or a part does not start
   */
  public static NodeServer start(NodeConfig config) throws Exception {
    return new NodeServer(config);
  }

  private NodeServer(NodeConfig config) throws Exception {
    NodeConfig.Server settings = config.server();
    try {
      DataSource dataSource =
          opened(Database.open(settings.dataDirectory(), settings.feedPageSize())).dataSource();
      FhirStore store = opened(FhirStore.open(dataSource));
      feed = new EventFeed(dataSource);
      ChangeLog changes = changeLog(dataSource, config);
      StorageWays ways = registerHooks(store, dataSource, changes, settings.lossy());
      opened(new FeedPublisher(feed));
      Server server = new Server();
      ServerConnector connector = listen(server, settings);
      baseUrl = "http://" + settings.address() + ":" + connector.getLocalPort() + CONTEXT_PATH;
      MetadataStore metadata = new MetadataStore(dataSource, changes);
      host = new NodeHost(store, metadata, dataSource, baseUrl, ways);
      ServletContextHandler context = context(settings);
      serve(context, "/ws/fhir2/R4/*", new FhirServlet(store));
      serve(context, "/ws/atomfeed/*", new FeedServlet(feed));
      serve(context, "/ws/rest/v1/*", new MetadataServlet(metadata, dataSource, baseUrl));
      PageServlet.serve(context);
      SizeLimitHandler limit = new SizeLimitHandler(LARGEST_REQUEST_BYTES, -1);
      limit.setHandler(new GzipHandler(context));
      requests.setHandler(limit);
      server.setHandler(requests);
      sync = opened(SyncService.open(config, host, nativeDirectory(config)));
      serve(context, "/ws/rest/v1/sync2/*", new SyncServlet(sync.api()));
      HttpServlet exchange = new ExchangeServlet(new SyncExchange(sync));
      serve(context, "/ws/rest/v1/sync2/objects/*", exchange);
      opened(server::stop);
      server.start();
      LOG.info("Listening on {}", baseUrl);
    } catch (Exception | Error e) {
      close();
      throw e;
    }
  }

  private <T extends AutoCloseable> T opened(T part) {
    parts.push(part);
    return part;
  }

  private ChangeLog changeLog(DataSource dataSource, NodeConfig config) throws SQLException {
    NativeLibrary.load(nativeDirectory(config));
    try (Connection connection = dataSource.getConnection()) {
      String product = connection.getMetaData().getDatabaseProductName();
      return new ChangeLog(dataSource, feed, Outbox.of(product));
    }
  }

  /** Registers them in the order in which they are asked. */
  private static StorageWays registerHooks(
      FhirStore store, DataSource dataSource, ChangeLog changes, boolean lossy) {
    StorageWays ways =
        lossy ? StorageImitation.require().imitateIn(store, dataSource) : StorageWays.PLAIN;
    store.interceptors().registerInterceptor(new StatelessSearch());
    // A removal is told before what goes along.
    store.interceptors().registerInterceptor(new ChangeCapture(changes, ways));
    store.interceptors().registerInterceptors(ways.hooks());
    return ways;
  }

  /** Where a node unpacks the native library: temporary directories may forbid to run it. */
  static Path nativeDirectory(NodeConfig config) {
    return config.server().dataDirectory().resolve("native");
  }

  /** Takes the port before the server starts, so that its number is known to what is served. */
  private static ServerConnector listen(Server server, NodeConfig.Server settings)
      throws IOException {
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    ServerConnector connector = new ServerConnector(server, new HttpConnectionFactory(http));
    connector.setHost(settings.address());
    connector.setPort(settings.port());
    server.addConnector(connector);
    connector.open();
    return connector;
  }

  private static ServletContextHandler context(NodeConfig.Server settings) {
    ServletContextHandler context =
        new ServletContextHandler(CONTEXT_PATH, ServletContextHandler.SESSIONS);
    context.getSessionHandler().setHttpOnly(true);
    context.getSessionHandler().setSameSite(SameSite.STRICT);
    context.getSessionHandler().setMaxInactiveInterval(SESSION_SECONDS);
    // An id in an address would be logged and passed on.
    context.getSessionHandler().setSessionTrackingModes(Set.of(SessionTrackingMode.COOKIE));
    LogIn logIn = new LogIn(settings);
    context.addFilter(logIn.new Gate(), "/*", EnumSet.of(DispatcherType.REQUEST));
    serve(context, "/ws/rest/v1/session", logIn.new SessionServlet());
    return context;
  }

  private static void serve(ServletContextHandler context, String path, HttpServlet servlet) {
    context.addServlet(new ServletHolder(servlet), path);
  }

  /** Where it is, such as {@code http://127.0.0.1:8080/openmrs}; no slash at the end. */
  public String baseUrl() {
    return baseUrl;
  }

  /**
   * The node's storage as the engine uses it: transactions, documents and statements in this
   * process.
   */
  public NodeHost host() {
    return host;
  }

  /** The engine. It is closed with the node. */
  public SyncEngine engine() {
    return sync.engine();
  }

  /**
   * Publishes now what has been committed, instead of at the publisher's next turn (each 200 ms).
   * For callers that read the feed right after a change.
   */
  public void publishEvents() {
    feed.publish();
  }

  /** How many requests of any kind it has been sent since it started. */
  public int requestCount() {
    return requests.getRequestTotal();
  }

  /**
   * Stops serving, then synchronizing and publishing, and closes the database. Does nothing the
   * second time.
   */
  @Override
  public void close() {
    while (!parts.isEmpty()) {
      AutoCloseable part = parts.pop();
      try {
        part.close();
      } catch (Exception e) {
        LOG.error("A part of the node did not stop.", e);
      }
    }
  }
}
