package org.openmrs.sync2.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;

/**
 * A standalone node in a process of its own, which keeps its port and data when it is restarted.
 */
final class Node implements AutoCloseable {

  private static final String USER = "sync";
  private static final String PASSWORD = "not-a-secret";

  /** The jars of a node, as a class path, and the archive of their classes. */
  private static final String JARS = System.getProperty("sync2.chaos.jars");

  private static final String ARCHIVE = System.getProperty("sync2.chaos.archive", "");

  /** What sets its clock; empty where there is none. */
  private static final String CLOCK = System.getProperty("sync2.chaos.clock", "");

  private static final Path OUTPUTS =
      Path.of(System.getProperty("sync2.chaos.outputs", "build/chaos-nodes"));

  /** What a program says that is about to die, or should not have come to this. */
  private static final Pattern CRASH =
      Pattern.compile("panicked at|SIGSEGV|SIGABRT|fatal error has been detected|OutOfMemoryError");

  private final String name;
  private final int port;
  private final Path directory;

  /** What it said that no node should. */
  private final List<String> crashes = Collections.synchronizedList(new ArrayList<>());

  private volatile Process process;
  private volatile Http http;

  /**
   * One that is not started yet.
   *
   * @param directory where its files go, a folder of its own
   */
  Node(String name, Path directory) throws IOException {
    this.name = name;
    this.directory = directory;
    this.port = freePort();
    Files.createDirectories(OUTPUTS);
    Files.createDirectories(data());
    setClock(0);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  String name() {
    return name;
  }

  int port() {
    return port;
  }

  Path data() {
    return directory.resolve("data");
  }

  /** Makes it a root. */
  void configureAsRoot() throws IOException {
    configure(Http.MAPPER.createObjectNode());
  }

  /**
   * Makes it a child, which synchronizes when it is told to. It pushes, too, but by its schedule
   * only in a week. Small batches, so that there are many requests; few tries, and short ones.
   *
   * @param parentPort where its parent, or the line to it, listens
   */
  void configureAsChild(int parentPort) throws IOException {
    ObjectNode document = Http.MAPPER.createObjectNode();
    ObjectNode sync = document.putObject("sync");
    sync.putObject("node").put("name", name);
    sync.putObject("parent")
        .put("url", "http://127.0.0.1:" + parentPort + "/openmrs")
        .put("feed", "sync2")
        .put("username", USER)
        .put("password", PASSWORD)
        .put("readTimeoutSeconds", 4);
    sync.putObject("pull").put("enabled", false);
    sync.putObject("push").put("enabled", true).put("intervalSeconds", 604_800);
    sync.putObject("retry").put("attempts", 3).put("firstDelaySeconds", 0.05).put("factor", 1);
    sync.putObject("transfer").put("batchSize", 4).put("leaseSeconds", 1);
    ObjectNode categories = sync.putObject("categories");
    for (Kind kind : Kind.values()) {
      categories.putObject(kind.category());
    }
    configure(document);
  }

  private void configure(ObjectNode document) throws IOException {
    document
        .putObject("server")
        .put("port", port)
        .put("dataDirectory", data().toString())
        .put("username", USER)
        .put("password", PASSWORD);
    Files.writeString(directory.resolve("node.json"), document.toString());
  }

  /** Starts it, and returns when it answers. */
  void start() throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command()).redirectErrorStream(true);
    if (!CLOCK.isEmpty()) {
      builder.environment().put("LD_PRELOAD", CLOCK);
      builder.environment().put("CHAOS_CLOCK", clockFile().toString());
    }
    Process started = builder.start();
    CompletableFuture<Void> listening = new CompletableFuture<>();
    Thread reader = new Thread(() -> read(started, listening), name);
    reader.setDaemon(true);
    reader.start();
    process = started;
    try {
      listening.get();
    } catch (ExecutionException e) {
      throw new IOException(name + " did not start; see " + output(), e);
    }
    // No connection of the process before.
    http = new Http(URI.create("http://127.0.0.1:" + port + "/openmrs"), USER, PASSWORD);
  }

  /** For a short life on few cores. */
  private List<String> command() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    if (!ARCHIVE.isEmpty()) {
      command.add("-XX:SharedArchiveFile=" + ARCHIVE);
    }
    command.addAll(List.of("-cp", JARS, "org.openmrs.sync2.node.Main", "node", "--config"));
    command.add(directory.resolve("node.json").toString());
    return command;
  }

  private Path output() {
    return OUTPUTS.resolve(name + ".log");
  }

  private void read(Process started, CompletableFuture<Void> listening) {
    try (BufferedReader lines = started.inputReader(StandardCharsets.UTF_8);
        PrintWriter kept =
            new PrintWriter(
                Files.newBufferedWriter(
                    output(), StandardOpenOption.CREATE, StandardOpenOption.APPEND),
                true)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        kept.println(line);
        if (line.contains("Listening on ")) {
          listening.complete(null);
        }
        if (CRASH.matcher(line).find()) {
          crashes.add(name + ": " + line);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      listening.completeExceptionally(new IOException(name + " has ended"));
    }
  }

  /** Returns true if its process runs, frozen or not. */
  boolean isAlive() {
    return process != null && process.isAlive();
  }

  /** {@code kill -9}; returns when it is gone. */
  void kill() {
    process.toHandle().destroyForcibly();
    process.onExit().join();
  }

  /** {@code SIGSTOP}. */
  void freeze() {
    signal("STOP");
  }

  /** {@code SIGCONT}. */
  void thaw() {
    signal("CONT");
  }

  private void signal(String signal) {
    // The shell's own: not every system has a program of this name.
    run("sh", "-c", "kill -s " + signal + " " + process.pid());
  }

  /** From now on no file of it grows beyond what it has, as on a full disk. */
  void fillDisk() throws IOException {
    limitFiles(Long.toString(Files.size(database())));
  }

  void emptyDisk() {
    limitFiles("unlimited");
  }

  private void limitFiles(String bytes) {
    run("prlimit", "--pid", Long.toString(process.pid()), "--fsize=" + bytes + ":");
  }

  /** Sets its clock so far from that of the machine, where that can be done. */
  final void setClock(long seconds) throws IOException {
    // In place: it is mapped into the memory of the process.
    ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
    try (FileChannel clock =
        FileChannel.open(clockFile(), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      clock.write(bytes.putLong(seconds).flip());
    }
  }

  private Path clockFile() {
    return directory.resolve("clock");
  }

  static boolean hasClock() {
    return !CLOCK.isEmpty();
  }

  private static void run(String... command) {
    try {
      Process process = new ProcessBuilder(command).inheritIO().start();
      if (process.waitFor() != 0) {
        throw new IllegalStateException(String.join(" ", command) + " failed");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Path database() {
    return data().resolve("node.mv.db");
  }

  /** Copies its database as it is at this moment, as a backup of a disk does. */
  void copyDatabase(Path copy) throws IOException {
    freeze();
    try {
      Files.copy(database(), copy, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      thaw();
    }
  }

  /** Takes that copy of a database; it must not run. */
  void takeDatabase(Path copy) throws IOException {
    Files.copy(copy, database(), StandardCopyOption.REPLACE_EXISTING);
  }

  Http http() {
    return http;
  }

  /** What it said that no node should. */
  List<String> crashes() {
    return List.copyOf(crashes);
  }

  /** All objects of a kind by their ids; an object that is listed twice has two documents. */
  Map<String, List<ObjectNode>> objects(Kind kind) throws IOException {
    Map<String, List<ObjectNode>> objects = new TreeMap<>();
    JsonNode list = http.get("/ws/fhir2/R4/" + kind.type() + "?_count=500").required();
    for (JsonNode entry : list.path("entry")) {
      ObjectNode object = (ObjectNode) entry.get("resource");
      objects.computeIfAbsent(object.get("id").asText(), id -> new ArrayList<>()).add(object);
    }
    return objects;
  }

  /** What the sync API says. */
  JsonNode read(String path) throws IOException {
    return http.get("/ws/rest/v1/sync2/" + path).required();
  }

  @Override
  public void close() {
    if (isAlive()) {
      kill();
    }
  }
}
