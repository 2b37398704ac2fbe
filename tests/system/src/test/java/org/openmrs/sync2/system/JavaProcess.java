package org.openmrs.sync2.system;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.openmrs.sync2.node.Main;

/**
 * A Java program in a process of its own, with {@code -Xcheck:jni}. What it prints can be waited
 * for, and is kept in a file.
 */
final class JavaProcess implements AutoCloseable {

  /** C1 alone and one collector thread: on few cores a short life is over sooner. */
  private static final List<String> SHORT_LIVED =
      List.of("-Xcheck:jni", "-ea", "-Xmx768m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

  /** How large the heap of a program is that is measured; 0 when none is. */
  static final long MEASURED_HEAP_MEGABYTES = Long.getLong("sync2.measuredHeapMegabytes", 0);

  private static final String CLASS_ARCHIVE =
      "-XX:SharedArchiveFile=" + System.getProperty("sync2.classArchive");

  private static final String OWN_CLASS_PATH = System.getProperty("java.class.path");

  /** The class path that the demo runs with, and what imitates OpenMRS's storage. */
  private static final Optional<String> ARCHIVED_CLASS_PATH =
      Optional.ofNullable(System.getProperty("sync2.archivedClassPath"));

  /** The checkout. */
  static final Path PROJECT = Path.of(System.getProperty("sync2.project", "../.."));

  static final Path OUTPUTS = Path.of(System.getProperty("sync2.processes", "build/processes"));

  private final String name;
  private final Process process;
  private final BlockingQueue<Optional<String>> lines = new LinkedBlockingQueue<>();
  private final CompletableFuture<Void> reading;

  private JavaProcess(String name, Process process) {
    this.name = name;
    this.process = process;
    this.reading = CompletableFuture.runAsync(this::read, task -> new Thread(task).start());
  }

  /**
   * Starts a program of the tests, with the class path of this one.
   *
   * @param name of the file that its output is added to
   */
  static JavaProcess start(String name, Class<?> main, String... arguments) throws IOException {
    return start(name, List.of("-cp", OWN_CLASS_PATH), main, arguments);
  }

  /**
   * Starts a program of the standalone node with the demo's class path, as {@code ./sync2 demo}
   * does, and the archive of its classes; without these, as a program of the tests.
   *
   * @param name of the file that its output is added to
   */
  static JavaProcess startDistributed(String name, Class<?> main, String... arguments)
      throws IOException {
    List<String> classes =
        ARCHIVED_CLASS_PATH
            .map(jars -> List.of(CLASS_ARCHIVE, "-cp", jars))
            .orElse(List.of("-cp", OWN_CLASS_PATH));
    return start(name, classes, main, arguments);
  }

  /**
   * Starts the standalone node's program with its own jars only, as {@code ./sync2 node} does.
   *
   * @param name of the file that its output is added to
   */
  static JavaProcess startNodeAlone(String name, String... arguments) throws IOException {
    String jars = PROJECT.resolve("build/standalone") + "/*";
    return start(name, List.of("-cp", jars), Main.class, arguments);
  }

  private static JavaProcess start(
      String name, List<String> classes, Class<?> main, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(MEASURED_HEAP_MEGABYTES > 0 ? measured() : SHORT_LIVED);
    command.addAll(classes);
    command.add(main.getName());
    command.addAll(List.of(arguments));
    return new JavaProcess(name, new ProcessBuilder(command).redirectErrorStream(true).start());
  }

  /** The whole heap is touched at the start: what the process takes beside it is native memory. */
  private static List<String> measured() {
    String size = MEASURED_HEAP_MEGABYTES + "m";
    return List.of("-Xms" + size, "-Xmx" + size, "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC");
  }

  private void read() {
    Path file = OUTPUTS.resolve(name + ".log");
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        PrintWriter kept =
            new PrintWriter(
                Files.newBufferedWriter(
                    file, StandardOpenOption.CREATE, StandardOpenOption.APPEND))) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        kept.println(line);
        lines.add(Optional.of(line));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      lines.add(Optional.empty());
    }
  }

  /** Waits for the next line that is as wanted; empty when the program ends without one. */
  Optional<String> awaitLine(Predicate<String> wanted) throws InterruptedException {
    while (true) {
      Optional<String> line = lines.poll(Await.PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (line == null) {
        throw new AssertionError(name + " neither says what was waited for nor ends");
      }
      if (line.isEmpty() || wanted.test(line.get())) {
        return line;
      }
    }
  }

  /** Waits until it ends by itself. */
  int awaitExit() throws InterruptedException {
    if (!process.waitFor(Await.PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError(name + " does not end");
    }
    reading.join();
    return process.exitValue();
  }

  /** Its number among the machine's processes. */
  long pid() {
    return process.pid();
  }

  /** Asks it to end ({@code SIGTERM}); returns when it has. */
  void stop() throws InterruptedException {
    process.toHandle().destroy();
    awaitExit();
  }

  /** {@code kill -9}; returns when it is gone. */
  void kill() {
    // Process.destroyForcibly would close the stream that is still being read.
    process.toHandle().destroyForcibly();
    process.onExit().join();
    reading.join();
  }

  @Override
  public void close() {
    kill();
  }
}
