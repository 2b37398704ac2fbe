package org.openmrs.sync2.node.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;

/** A conflict as a node shows it, until somebody decides it over the API of that node. */
final class OpenConflict {

  private final NodeClient node;
  private final JsonNode shown;

  private OpenConflict(NodeClient node, JsonNode shown) {
    this.node = node;
    this.shown = shown;
  }

  /**
   * Reads the only conflict that a node has.
   *
   * @throws IOException when the node cannot be reached
   * @throws DemoException when there is another number of conflicts
   */
  static OpenConflict onlyOneOf(NodeClient node) throws IOException {
    JsonNode all = all(node);
    if (all.size() != 1) {
      throw new DemoException(
          "one patient was edited on both sides, and the child has " + all.size() + " conflicts");
    }
    return new OpenConflict(node, node.sync("conflicts/" + all.path(0).path("uuid").asText()));
  }

  /** How many conflicts a node has. */
  static int count(NodeClient node) throws IOException {
    return all(node).size();
  }

  private static JsonNode all(NodeClient node) throws IOException {
    return node.sync("conflicts");
  }

  /** The places in dispute; each has {@code path}, {@code base}, {@code ours}, {@code theirs}. */
  JsonNode differences() {
    return shown.path("differences");
  }

  /** Says what is in dispute. */
  void print(PrintStream out) {
    JsonNode object = shown.path("object");
    out.printf(
        "A conflict: both sides changed the same of %s %s.%n",
        object.path("category").asText(), object.path("uuid").asText());
    for (JsonNode difference : differences()) {
      out.printf(
          "  %s was %s; it is %s at the parent and %s at the child%n",
          difference.path("path").asText(),
          words(difference.path("base")),
          words(difference.path("theirs")),
          words(difference.path("ours")));
    }
  }

  private static String words(JsonNode value) {
    return value.isMissingNode() || value.isNull() ? "not there" : value.toString();
  }

  /**
   * Decides that each place in dispute is as the parent has it. What only the child changed stays.
   *
   * @throws IOException when the node cannot be reached
   * @throws DemoException when it refuses the decision, such as when either side has moved since
   */
  void decideForParent(String reason) throws IOException {
    ObjectNode decision = Json.MAPPER.createObjectNode();
    decision.put("choice", "fields").put("reason", reason);
    decision.set("version", shown.path("version"));
    ObjectNode fields = decision.putObject("fields");
    for (JsonNode difference : differences()) {
      fields.put(difference.path("path").asText(), "theirs");
    }
    node.sync("conflicts/" + shown.path("uuid").asText() + "/resolve", decision);
  }
}
