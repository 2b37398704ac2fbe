package org.openmrs.sync2.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Nodes that run, and the lines between them. Schedules follow on each other in it, each with
 * objects of its own.
 */
final class Lab implements AutoCloseable {

  /** Longer than a lease. */
  private static final long FREEZE_MILLIS = 1_500;

  /** Each lab's nodes have names of their own, so that their outputs are told apart. */
  private static final AtomicInteger LABS = new AtomicInteger();

  private final Topology topology;
  private final Figures figures;
  private final Path directory;
  private final Map<String, Node> nodes = new LinkedHashMap<>();
  private final Map<String, Line> lines = new LinkedHashMap<>();
  private boolean wasRestored;

  /**
   * Starts the nodes.
   *
   * @param topology one that is a laboratory of its own
   * @param figures where faults are counted
   */
  Lab(Topology topology, Figures figures) throws Exception {
    this.topology = topology;
    this.figures = figures;
    this.directory = Files.createTempDirectory("sync2-chaos");
    try {
      open(LABS.incrementAndGet());
    } catch (Exception | Error e) {
      close();
      throw e;
    }
  }

  private void open(int number) throws Exception {
    for (String name : topology.nodes()) {
      nodes.put(name, new Node(number + name, directory.resolve(name)));
    }
    node(Topology.ROOT).configureAsRoot();
    for (Map.Entry<String, String> link : topology.parents().entrySet()) {
      Node child = node(link.getKey());
      Node parent = node(link.getValue());
      Line line = new Line(parent.port(), fault -> happen(fault, child, parent));
      lines.put(link.getKey(), line);
      child.configureAsChild(line.port());
    }
    startAll();
  }

  /** All at once. */
  private void startAll() throws Exception {
    List<Thread> starts = new ArrayList<>();
    List<Exception> failures = new ArrayList<>();
    for (Node node : nodes.values()) {
      Thread start = new Thread(() -> start(node, failures));
      start.start();
      starts.add(start);
    }
    for (Thread start : starts) {
      start.join();
    }
    for (Exception failure : failures) {
      throw failure;
    }
  }

  private static void start(Node node, List<Exception> failures) {
    try {
      node.start();
    } catch (IOException e) {
      synchronized (failures) {
        failures.add(e);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What a fault is more than the line's. */
  private void happen(Fault.Kind fault, Node child, Node parent) {
    figures.count("fault " + fault);
    switch (fault) {
      case KILL_PARENT -> parent.kill();
      case KILL_CHILD -> child.kill();
      case FREEZE_PARENT -> parent.freeze();
      case FREEZE_CHILD -> freezeForAWhile(child);
      default -> {}
    }
  }

  private static void freezeForAWhile(Node node) {
    node.freeze();
    try {
      TimeUnit.MILLISECONDS.sleep(FREEZE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    node.thaw();
  }

  Topology topology() {
    return topology;
  }

  Node node(String name) {
    return nodes.get(name);
  }

  /** The line of a child to its parent. */
  Line line(String child) {
    return lines.get(child);
  }

  Figures figures() {
    return figures;
  }

  /** Where the copy of a node's database is laid aside. */
  Path copyOf(String node) {
    return directory.resolve(node + ".copy");
  }

  /**
   * A node went on with an older database, or another's: what feeds do not tell has to be compared.
   */
  void noteRestored() {
    wasRestored = true;
  }

  boolean wasRestored() {
    return wasRestored;
  }

  /** {@code kill -9} for all. */
  void stopNodes() {
    nodes.values().forEach(Node::close);
  }

  @Override
  public void close() throws IOException {
    for (Line line : lines.values()) {
      line.close();
    }
    stopNodes();
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    }
  }
}
