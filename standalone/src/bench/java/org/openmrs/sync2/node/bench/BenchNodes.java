package org.openmrs.sync2.node.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.openmrs.sync2.node.NodeConfig;

/** The common part of the nodes of all benchmarks. They listen on this machine only. */
final class BenchNodes {

  static final String USERNAME = "bench";
  static final String PASSWORD = "bench";

  /** The categories that {@link Content} makes up, each after those that it refers to. */
  static final List<String> CATEGORIES =
      List.of(
          "organization",
          "location",
          "provider",
          "patient",
          "encounter",
          "condition",
          "observation");

  private static final String ADDRESS = "127.0.0.1";
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private BenchNodes() {}

  /** A node without a parent, on a free port. */
  static NodeConfig root(Path directory, int feedPageSize) {
    return new NodeConfig(server(directory, feedPageSize), NodeConfig.ROOT);
  }

  private static NodeConfig.Server server(Path directory, int feedPageSize) {
    return new NodeConfig.Server(
        ADDRESS, 0, directory, USERNAME, PASSWORD, Map.of(), false, feedPageSize);
  }

  /** A node that pulls when it is told to, with the engine's defaults. */
  static NodeConfig child(Path directory, ParentLink parent) {
    ObjectNode sync = MAPPER.createObjectNode();
    sync.putObject("parent")
        .put("url", parent.url())
        .put("username", USERNAME)
        .put("password", PASSWORD)
        .put("feed", parent.feed())
        .put("exchange", parent.exchange());
    ObjectNode categories = sync.putObject("categories");
    CATEGORIES.forEach(categories::putObject);
    sync.putObject("pull").put("enabled", false).put("firstRun", parent.firstRun());
    return new NodeConfig(server(directory, 5), sync.toString());
  }
}
