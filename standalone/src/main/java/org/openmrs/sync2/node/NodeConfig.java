package org.openmrs.sync2.node;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The node file: what this node serves, and how it synchronizes.
 *
 * <pre>{@code
 * {"server": {"port": 8080, "dataDirectory": "data",
 *             "username": "admin", "password": {"env": "NODE_PASSWORD"}},
 *  "sync": {"parent": {"url": "https://parent.example.org/openmrs",
 *                      "username": "…", "password": {"env": "PARENT_PASSWORD"}},
 *           "categories": {"patient": {}}}}
 * }</pre>
 *
 * @param server what this node serves
 * @param sync the engine's configuration document as JSON; its check is the engine's. {@link #ROOT}
 *     when the file has none
 * @param settingsFile where the document is kept that is saved over HTTP; nothing when the node
 *     file has one, which holds then
 */
public record NodeConfig(Server server, String sync, Optional<Path> settingsFile) {

  /** The engine's document of a root: it has no parent, and only serves. */
  public static final String ROOT = "{\"pull\":{\"enabled\":false}}";

  /** Names the node's owner, unless the configuration names its children. */
  public NodeConfig {
    sync = withOwnersAccount(sync, server.username());
  }

  /** One whose document is given, and holds. */
  public NodeConfig(Server server, String sync) {
    this(server, sync, Optional.empty());
  }

  /** Another document for this node, as {@link #sync} of the same file would be. */
  String withOwnersAccount(String document) {
    return withOwnersAccount(document, server.username());
  }

  /** The owner may do everything with a node, so also by the exchange. */
  private static String withOwnersAccount(String sync, String owner) {
    try {
      ObjectNode document = (ObjectNode) MAPPER.readTree(sync);
      if (!document.has("exchange")) {
        document.putObject("exchange");
      }
      if (document.get("exchange") instanceof ObjectNode exchange && !exchange.has("children")) {
        exchange.putObject("children").putObject(owner).putArray("write").add("*");
      }
      return document.toString();
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("the engine's document is not JSON", e);
    }
  }

  /**
   * The server's part.
   *
   * @param address the address to listen on; 127.0.0.1 by default
   * @param port the port to listen on; 0 takes a free one
   * @param dataDirectory where the database is; made when it is missing
   * @param username who may use the APIs
   * @param password that user's password
   * @param children accounts of children by name, with their passwords: they may read the feed and
   *     exchange objects, and nothing else
   * @param lossy whether the storage loses what OpenMRS's FHIR module loses, and removes along what
   *     OpenMRS does; for tests, from the beginning of the database, and with a {@link
   *     StorageImitation} on the class path
   * @param feedPageSize entries on a page of the feed; fixed when the database is made
   */
  public record Server(
      String address,
      int port,
      Path dataDirectory,
      String username,
      String password,
      Map<String, String> children,
      boolean lossy,
      int feedPageSize) {

    /** Never shows the password. */
    @Override
    public String toString() {
      return "Server[" + address + ":" + port + ", " + dataDirectory + ", lossy=" + lossy + "]";
    }
  }

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /** Never shows a password. */
  @Override
  public String toString() {
    return "NodeConfig[" + server + "]";
  }

  /**
   * Reads a node file.
   *
   * @throws NodeConfigException naming every wrong field by its path
   */
  public static NodeConfig parse(String document) {
    JsonNode root;
    try {
      root = MAPPER.readTree(document);
    } catch (JsonProcessingException e) {
      throw new NodeConfigException(List.of("(document): is not JSON: " + e.getOriginalMessage()));
    }
    List<String> problems = new ArrayList<>();
    Section top = new Section("", root, problems);
    Section server = new Section("server.", top.take("server"), problems);
    Server read =
        new Server(
            server.text("address", "127.0.0.1"),
            server.whole("port", 8080, 0, 65_535),
            Path.of(server.text("dataDirectory", "data")),
            server.text("username", null),
            server.secret("password"),
            children(server.take("children"), problems),
            lossy(server),
            server.whole("feedPageSize", 5, 1, 1000));
    server.refuseUnknown();
    JsonNode sync = top.take("sync");
    top.refuseUnknown();
    if (sync != null && !sync.isObject()) {
      problems.add("sync: must be an object");
    }
    if (!problems.isEmpty()) {
      throw new NodeConfigException(problems);
    }
    return sync == null
        ? new NodeConfig(read, ROOT, Optional.of(read.dataDirectory().resolve("sync.json")))
        : new NodeConfig(read, sync.toString());
  }

  private static boolean lossy(Section server) {
    boolean lossy = server.flag("lossy");
    if (lossy && StorageImitation.find().isEmpty()) {
      server.problem("lossy", StorageImitation.MISSING);
    }
    return lossy;
  }

  private static Map<String, String> children(JsonNode node, List<String> problems) {
    Map<String, String> children = new LinkedHashMap<>();
    if (node != null) {
      Section section = new Section("server.children.", node, problems);
      section
          .object
          .fieldNames()
          .forEachRemaining(name -> children.put(name, section.secret(name)));
    }
    return children;
  }

  /** One object of the document, and what is wrong with it. */
  private static final class Section {
    private final String path;
    private final ObjectNode object;
    private final List<String> problems;
    private final Set<String> taken = new HashSet<>();

    Section(String path, JsonNode node, List<String> problems) {
      this.path = path;
      this.problems = problems;
      if (node instanceof ObjectNode found) {
        this.object = found;
      } else {
        this.object = MAPPER.createObjectNode();
        problems.add(describe(path) + (node == null ? ": is missing" : ": must be an object"));
      }
    }

    private static String describe(String path) {
      return path.isEmpty() ? "(document)" : path.substring(0, path.length() - 1);
    }

    JsonNode take(String name) {
      taken.add(name);
      return object.get(name);
    }

    private void problem(String name, String what) {
      problems.add(path + name + ": " + what);
    }

    String text(String name, String absent) {
      JsonNode value = take(name);
      if (value == null && absent != null) {
        return absent;
      }
      if (value != null && value.isTextual() && !value.textValue().isEmpty()) {
        return value.textValue();
      }
      problem(name, value == null ? "is missing" : "must be a text that is not empty");
      return "";
    }

    int whole(String name, int absent, int least, int most) {
      JsonNode value = take(name);
      if (value == null) {
        return absent;
      }
      if (value.isInt() && value.intValue() >= least && value.intValue() <= most) {
        return value.intValue();
      }
      problem(name, "must be a whole number from " + least + " to " + most);
      return absent;
    }

    boolean flag(String name) {
      JsonNode value = take(name);
      if (value == null || value.isBoolean()) {
        return value != null && value.booleanValue();
      }
      problem(name, "must be true or false");
      return false;
    }

    /** A text, or {@code {"env": "NAME"}} for the value of an environment variable. */
    String secret(String name) {
      JsonNode value = object.get(name);
      if (value == null || !value.isObject()) {
        return text(name, null);
      }
      taken.add(name);
      JsonNode variable = value.get("env");
      if (value.size() != 1 || variable == null || !variable.isTextual()) {
        problem(name, "must be a text or {\"env\": \"NAME\"}");
        return "";
      }
      String secret = System.getenv(variable.textValue());
      if (secret == null || secret.isEmpty()) {
        problem(name, "the environment variable " + variable.textValue() + " is not set");
        return "";
      }
      return secret;
    }

    void refuseUnknown() {
      for (String name : (Iterable<String>) object::fieldNames) {
        if (!taken.contains(name)) {
          problem(name, "is not known");
        }
      }
    }
  }
}
