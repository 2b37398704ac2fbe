package org.openmrs.sync2.system;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.openmrs.sync2.node.Main;
import org.openmrs.sync2.node.demo.DemoParts;
import org.openmrs.sync2.node.demo.DemoParts.Account;
import org.openmrs.sync2.node.demo.DemoParts.GeneratedData;

/**
 * A standalone node in a process of its own, which keeps its port and data when it is restarted.
 */
final class NodeProcess implements AutoCloseable {

  static final Account ACCOUNT = new Account("sync", "not-a-secret");

  private final String name;
  private final Path file;
  private final Path data;
  private final URI url;
  private JavaProcess process;

  /** The run that it was killed in last, which its database calls running until the next one. */
  private String killedRun = "";

  private NodeProcess(String name, Path directory, URI url) {
    this.name = name;
    this.file = directory.resolve(name + ".json");
    this.data = directory.resolve(name);
    this.url = url;
  }

  /**
   * Starts a node that only serves.
   *
   * @param directory where its data goes
   */
  static NodeProcess root(String name, Path directory) throws Exception {
    return started(name, directory, NodeHttp.MAPPER.createObjectNode());
  }

  /** Starts a node that pulls each second. */
  static NodeProcess child(String name, Path directory, URI parent) throws Exception {
    return started(name, directory, pulling(parent));
  }

  /** Starts a node that pulls each second and whose storage loses what OpenMRS's loses. */
  static NodeProcess lossyChild(String name, Path directory, URI parent) throws Exception {
    return started(name, directory, lossy(pulling(parent)));
  }

  /** Starts a node that only serves and whose storage loses what OpenMRS's loses. */
  static NodeProcess lossyRoot(String name, Path directory) throws Exception {
    return started(name, directory, lossy(NodeHttp.MAPPER.createObjectNode()));
  }

  /** Starts a node that pulls and pushes each second. */
  static NodeProcess pushingChild(String name, Path directory, URI parent) throws Exception {
    return started(name, directory, pushing(parent));
  }

  /** Starts a node that pushes each second, and does not pull. */
  static NodeProcess onlyPushingChild(String name, Path directory, URI parent) throws Exception {
    ObjectNode document = pushing(parent);
    document.withObject("/sync/pull").put("enabled", false);
    return started(name, directory, document);
  }

  /**
   * Starts a node that pulls and pushes each second and whose storage loses what OpenMRS's loses.
   */
  static NodeProcess lossyPushingChild(String name, Path directory, URI parent) throws Exception {
    return started(name, directory, lossy(pushing(parent)));
  }

  /** Starts a node that pulls and pushes when it is told to, and not by itself. */
  static NodeProcess waitingChild(String name, Path directory, URI parent) throws Exception {
    ObjectNode document = pushing(parent);
    document.withObject("/sync/pull").put("enabled", false);
    document.withObject("/sync/push").put("enabled", false);
    return started(name, directory, document);
  }

  private static ObjectNode lossy(ObjectNode document) {
    document.putObject("server").put("lossy", true);
    return document;
  }

  /** It reads the one feed of everything that the parent publishes itself. */
  private static ObjectNode pushing(URI parent) {
    ObjectNode document = pulling(parent);
    document.withObject("/sync/parent").put("feed", "sync2");
    document.withObject("/sync/push").put("enabled", true).put("intervalSeconds", 1);
    return document;
  }

  private static ObjectNode pulling(URI parent) {
    return NodeHttp.MAPPER.createObjectNode().set("sync", pullConfig(parent));
  }

  private static NodeProcess started(String name, Path directory, ObjectNode document)
      throws Exception {
    int port = FreePort.take();
    document
        .withObject("/server")
        .put("port", port)
        .put("dataDirectory", directory.resolve(name).toString())
        .put("username", ACCOUNT.username())
        .put("password", ACCOUNT.password());
    NodeProcess node =
        new NodeProcess(name, directory, URI.create("http://127.0.0.1:" + port + "/openmrs"));
    Files.writeString(node.file, document.toString());
    node.start();
    return node;
  }

  /**
   * What a child of the parent is opened with: every category, small batches so that there are many
   * commits, a short lease so that the next start need not wait long, and few retries. It reads the
   * feeds of the categories, whose event ids {@link NodeHttp#eventIds} gives.
   */
  static ObjectNode pullConfig(URI parent) {
    ObjectNode config = NodeHttp.MAPPER.createObjectNode();
    config
        .putObject("parent")
        .put("url", parent.toString())
        .put("feed", "atomfeed")
        .put("username", ACCOUNT.username())
        .put("password", ACCOUNT.password());
    config.putObject("pull").put("intervalSeconds", 1);
    config.putObject("retry").put("attempts", 2).put("firstDelaySeconds", 0.1);
    config.putObject("transfer").put("batchSize", 10).put("leaseSeconds", 1);
    ObjectNode categories = config.putObject("categories");
    NodeHttp.LISTS.keySet().forEach(categories::putObject);
    return config;
  }

  /** Starts it, again after {@link #kill()}, and returns when it answers. */
  void start() throws IOException, InterruptedException {
    process = JavaProcess.startDistributed(name, Main.class, "node", "--config", file.toString());
    process
        .awaitLine(line -> line.contains("Listening on "))
        .orElseThrow(() -> new IOException(name + " did not start"));
  }

  /** Its number among the machine's processes, another one after each start. */
  long pid() {
    return process.pid();
  }

  /** Where it keeps its files. */
  Path data() {
    return data;
  }

  /** Asks it to end, and waits until it has. */
  void stop() throws InterruptedException {
    process.stop();
  }

  /** {@code kill -9}. */
  void kill() {
    process.kill();
  }

  /**
   * Kills it in the middle of a run and starts it again; a run begins by calling that one
   * interrupted.
   *
   * @param events the run has passed more than so many
   */
  void killWithinRun(long events) throws Exception {
    NodeHttp http = http();
    JsonNode run =
        Await.until(
            "a run of more than " + events + " events",
            http::newestRun,
            newest -> isAtWork(newest) && newest.get("events").asLong() > events);
    kill();
    killedRun = run.get("id").asText();
    System.out.println(name + ": killed after " + run.get("events") + " events of a run");
    start();
  }

  private boolean isAtWork(JsonNode run) {
    return run.path("state").asText().equals("running")
        && !run.get("id").asText().equals(killedRun);
  }

  URI url() {
    return url;
  }

  /** A client without a session. */
  NodeHttp http() {
    return new NodeHttp(url, ACCOUNT);
  }

  /** Loads made-up data. */
  void load(GeneratedData data) throws IOException {
    DemoParts.load(url, ACCOUNT, data);
  }

  @Override
  public void close() {
    process.close();
  }
}
