package org.openmrs.sync2.node.bench;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.openmrs.sync2.node.NodeServer;

/**
 * The program of {@link Parent}: a node over a database. Its first line is the node's address; each
 * line on its input is answered by the number of requests so far, and the input's end is its end.
 */
public final class ParentProcess {

  private ParentProcess() {}

  /** Takes the data directory and the entries on a page of the atomfeed module's feeds. */
  public static void main(String[] arguments) throws Exception {
    Path directory = Path.of(arguments[0]);
    int feedPageSize = Integer.parseInt(arguments[1]);
    BufferedReader questions =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (NodeServer node = NodeServer.start(BenchNodes.root(directory, feedPageSize))) {
      System.out.println(node.baseUrl());
      while (questions.readLine() != null) {
        System.out.println(node.requestCount());
      }
    }
  }
}
