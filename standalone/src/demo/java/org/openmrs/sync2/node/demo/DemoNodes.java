package org.openmrs.sync2.node.demo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import org.openmrs.sync2.SyncEngine;
import org.openmrs.sync2.node.NodeConfig;
import org.openmrs.sync2.node.NodeServer;

/** A parent and a child in this process, each with a database of its own. */
final class DemoNodes {

  /** The nodes listen on this machine only. */
  private static final String USERNAME = "demo";

  private static final String PASSWORD = "demo";

  /** As many as OpenMRS's atomfeed module puts on a page. */
  private static final int FEED_PAGE_SIZE = 5;

  /** Where the nodes listen. */
  record Ports(int parent, int child) {}

  private final NodeServer parent;
  private final NodeServer child;

  private DemoNodes(NodeServer parent, NodeServer child) {
    this.parent = parent;
    this.child = child;
  }

  /**
   * Starts both nodes.
   *
   * @param folder where their databases are
   * @param open takes care of stopping them
   * @throws DemoException when a port is taken
   */
  static DemoNodes start(Path folder, Ports ports, OpenParts open) throws Exception {
    requireFree(ports.parent(), "--parent-port");
    requireFree(ports.child(), "--child-port");
    ObjectNode parentFile = serverDocument(folder.resolve("parent"), ports.parent());
    NodeServer parent = open.opened(NodeServer.start(NodeConfig.parse(parentFile.toString())));
    ObjectNode childFile = serverDocument(folder.resolve("child"), ports.child());
    return new DemoNodes(parent, open.opened(startChild(childFile, parent, "demo child")));
  }

  /**
   * Starts a leaf: a child of the child.
   *
   * @return the child, as a parent, and the leaf
   * @throws DemoException when the port is taken
   */
  DemoNodes startLeaf(Path folder, int port, OpenParts open) throws Exception {
    requireFree(port, "--leaf-port");
    ObjectNode leafFile = serverDocument(folder.resolve("leaf"), port);
    return new DemoNodes(child, open.opened(startChild(leafFile, child, "demo leaf")));
  }

  private static NodeServer startChild(ObjectNode file, NodeServer parent, String name)
      throws Exception {
    file.set("sync", syncDocument(parent.baseUrl(), name));
    return NodeServer.start(NodeConfig.parse(file.toString()));
  }

  private static void requireFree(int port, String option) {
    try {
      new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1")).close();
    } catch (IOException e) {
      throw new DemoException("port " + port + " is taken: choose another with " + option, e);
    }
  }

  private static ObjectNode serverDocument(Path folder, int port) {
    ObjectNode document = Json.MAPPER.createObjectNode();
    document
        .putObject("server")
        .put("port", port)
        .put("dataDirectory", folder.toString())
        .put("username", USERNAME)
        .put("password", PASSWORD)
        .put("feedPageSize", FEED_PAGE_SIZE);
    return document;
  }

  /** Without a schedule: the demo itself starts each pull and push, to show what they do. */
  private static ObjectNode syncDocument(String parentUrl, String name) {
    ObjectNode sync = Json.MAPPER.createObjectNode();
    sync.putObject("node").put("name", name);
    sync.putObject("parent")
        .put("url", parentUrl)
        .put("username", USERNAME)
        .put("password", PASSWORD)
        .put("feed", "atomfeed");
    sync.putObject("pull").put("enabled", false);
    ObjectNode categories = sync.putObject("categories");
    for (ObjectKind kind : ObjectKind.values()) {
      categories.putObject(kind.category()).put("pull", true).put("push", true);
    }
    return sync;
  }

  NodeClient parentClient() {
    return new NodeClient(URI.create(parent.baseUrl()), USERNAME, PASSWORD);
  }

  NodeClient childClient() {
    return new NodeClient(URI.create(child.baseUrl()), USERNAME, PASSWORD);
  }

  SyncEngine childEngine() {
    return child.engine();
  }

  /** Puts all that the parent has committed into its feed. */
  void publishEvents() {
    parent.publishEvents();
  }

  /** How many requests the parent got so far. */
  int parentRequests() {
    return parent.requestCount();
  }

  /** Where the child is. */
  String childUrl() {
    return child.baseUrl();
  }

  /** Where the nodes are and how to look at them. */
  String addresses() {
    return """
    Parent: %s
    Child:  %s
    Page:   %2$s/moduleResources/sync2/index.html
    User %3$s, password %4$s, such as:
      curl -u %3$s:%4$s %2$s/ws/rest/v1/sync2/status
      curl -u %3$s:%4$s '%2$s/ws/rest/v1/sync2/audit?limit=5'
      curl -u %3$s:%4$s '%2$s/ws/fhir2/R4/Patient?_count=3'
    """
        .formatted(parent.baseUrl(), child.baseUrl(), USERNAME, PASSWORD);
  }
}
