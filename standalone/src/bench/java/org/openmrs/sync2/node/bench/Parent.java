package org.openmrs.sync2.node.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.List;
import org.openmrs.sync2.node.NodeServer;
import org.openmrs.sync2.node.demo.TemporaryFolder;

/** A parent in a JVM of its own, which keeps its objects from contestant to contestant. */
final class Parent implements AutoCloseable {

  private final TemporaryFolder folder;
  private final Process process;
  private final BufferedReader answers;
  private final Writer questions;
  private final String url;

  private Parent(TemporaryFolder folder, Process process) throws IOException {
    this.folder = folder;
    this.process = process;
    this.answers = process.inputReader();
    this.questions = process.outputWriter();
    this.url = answer();
  }

  /** Fills a database, starts a node over it, and returns when it answers. Takes a while. */
  static Parent start(List<Content> objects, int feedPageSize) throws Exception {
    TemporaryFolder folder = TemporaryFolder.create();
    try {
      Path database = folder.path().resolve("parent");
      try (NodeServer node = NodeServer.start(BenchNodes.root(database, feedPageSize))) {
        new BareSaving(objects).carry(node);
        node.publishEvents();
      }
      return new Parent(folder, startProcess(database, feedPageSize));
    } catch (Exception e) {
      folder.close();
      throw e;
    }
  }

  private static Process startProcess(Path database, int feedPageSize) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            ParentProcess.class.getName(),
            database.toString(),
            Integer.toString(feedPageSize))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private String answer() throws IOException {
    String line = answers.readLine();
    if (line == null) {
      throw new IOException("The parent ended.");
    }
    return line;
  }

  /** Such as {@code http://127.0.0.1:41234/openmrs}. */
  String url() {
    return url;
  }

  /** How many requests it has been sent so far. */
  long requests() throws IOException {
    questions.write("\n");
    questions.flush();
    return Long.parseLong(answer());
  }

  @Override
  public void close() throws IOException {
    questions.close();
    process.onExit().join();
    folder.close();
  }
}
