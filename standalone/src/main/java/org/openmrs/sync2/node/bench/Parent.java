package org.openmrs.sync2.node.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.openmrs.sync2.node.Main;
import org.openmrs.sync2.node.NodeServer;
import org.openmrs.sync2.node.demo.TemporaryFolder;

/** A parent in a JVM of its own, which keeps its objects from contestant to contestant. */
final class Parent implements AutoCloseable {

  private static final Pattern LISTENING = Pattern.compile("Listening on (http://\\S+)");

  private final TemporaryFolder folder;
  private final Process process;
  private final String url;

  private Parent(TemporaryFolder folder, Process process) throws IOException {
    this.folder = folder;
    this.process = process;
    // Ctrl-C reaches this program only.
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroy, "parent-end"));
    BufferedReader log = process.errorReader();
    this.url = readUrl(log);
    Thread rest = new Thread(() -> log.lines().forEach(System.err::println), "parent-log");
    rest.setDaemon(true);
    rest.start();
  }

  /** Fills a database, starts a node over it, and returns when it answers. Takes a while. */
  static Parent start(List<Content> objects, int feedPageSize) throws Exception {
    TemporaryFolder folder = TemporaryFolder.create();
    try {
      Path database = folder.path().resolve("parent");
      try (NodeServer node = NodeServer.start(BenchNodes.root(database, feedPageSize))) {
        new BareSaving(objects).fill(node);
        node.publishEvents();
      }
      Path file = folder.path().resolve("parent.json");
      Files.writeString(file, BenchNodes.rootFile(database, feedPageSize));
      return new Parent(folder, startProcess(file));
    } catch (Exception e) {
      folder.close();
      throw e;
    }
  }

  private static Process startProcess(Path file) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "node",
            "--config",
            file.toString())
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private static String readUrl(BufferedReader log) throws IOException {
    for (String line = log.readLine(); line != null; line = log.readLine()) {
      System.err.println(line);
      Matcher listening = LISTENING.matcher(line);
      if (listening.find()) {
        return listening.group(1);
      }
    }
    throw new IOException("The parent ended before it listened.");
  }

  /** Such as {@code http://127.0.0.1:41234/openmrs}. */
  String url() {
    return url;
  }

  @Override
  public void close() throws IOException {
    process.destroy();
    process.onExit().join();
    folder.close();
  }
}
