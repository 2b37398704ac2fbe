package org.openmrs.sync2.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.openmrs.sync2.node.demo.DemoParts;

/**
 * What the audit of a child says of each object that it pulled or pushed, beside what two nodes
 * really have.
 */
final class LossReport {

  /**
   * The newest message that says what became of each object. {@code UNCHANGED} says that the one
   * before still holds.
   */
  private final Map<String, JsonNode> messages = new HashMap<>();

  private final NodeHttp parent;
  private final NodeHttp child;

  LossReport(NodeHttp parent, NodeHttp child) throws Exception {
    this.parent = parent;
    this.child = child;
    Map<String, JsonNode> unchanged = new HashMap<>();
    for (JsonNode message : child.auditMessages()) {
      switch (message.get("status").asText()) {
        case "COALESCED" -> {}
        case "UNCHANGED" -> unchanged.putIfAbsent(key(message), message);
        default -> messages.putIfAbsent(key(message), message);
      }
    }
    unchanged.forEach(messages::putIfAbsent);
  }

  private static String key(JsonNode message) {
    return key(message.get("category").asText(), message.get("objectUuid").asText());
  }

  private static String key(String category, String uuid) {
    return category + "/" + uuid;
  }

  /** How many objects have which status. */
  Map<String, Integer> counts() {
    Map<String, Integer> counts = new TreeMap<>();
    messages.values().forEach(m -> counts.merge(m.get("status").asText(), 1, Integer::sum));
    return counts;
  }

  /** What is applied is equal, and what is partial differs exactly at the paths that it names. */
  void assertHonest() throws Exception {
    for (String category : NodeHttp.LISTS.keySet()) {
      Map<String, ObjectNode> theirs = parent.objects(category);
      Map<String, ObjectNode> ours = child.objects(category);
      assertEquals(Map.of(), onOneSide(category, theirs, ours), category);
      theirs.forEach(
          (uuid, document) -> assertReported(key(category, uuid), document, ours.get(uuid)));
    }
  }

  /** What only one side has, with what the audit says of it. */
  private Map<String, String> onOneSide(
      String category, Map<String, ObjectNode> theirs, Map<String, ObjectNode> ours) {
    Map<String, String> told = new TreeMap<>();
    Set<String> all = new TreeSet<>(theirs.keySet());
    all.addAll(ours.keySet());
    for (String uuid : all) {
      if (!theirs.containsKey(uuid) || !ours.containsKey(uuid)) {
        told.put(uuid, String.valueOf(messages.get(key(category, uuid))));
      }
    }
    return told;
  }

  private void assertReported(String key, ObjectNode theirs, ObjectNode ours) {
    JsonNode message = messages.get(key);
    Set<String> different =
        new TreeSet<>(DemoParts.differences(inOneForm(theirs), inOneForm(ours)));
    String status = message.get("status").asText();
    if (status.equals("PARTIAL")) {
      assertEquals(lostPaths(message), different, key);
    } else {
      assertTrue(List.of("APPLIED", "UNCHANGED").contains(status), key + " is " + status);
      assertEquals(Set.of(), different, key);
    }
  }

  private static Set<String> lostPaths(JsonNode message) {
    Set<String> paths = new TreeSet<>();
    message.at("/detail/lostPaths").forEach(path -> paths.add(path.asText()));
    return paths;
  }

  /** The same instants in one zone, and references without the text that servers add. */
  private static ObjectNode inOneForm(ObjectNode document) {
    ObjectNode copy = document.deepCopy();
    rewrite(copy);
    return copy;
  }

  private static JsonNode rewrite(JsonNode node) {
    if (node instanceof ObjectNode object) {
      if (object.has("reference")) {
        object.remove("display");
      }
      object.properties().forEach(field -> field.setValue(rewrite(field.getValue())));
    } else if (node instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        array.set(i, rewrite(array.get(i)));
      }
    } else if (node.isTextual()) {
      return rewriteInstant(node);
    }
    return node;
  }

  private static JsonNode rewriteInstant(JsonNode text) {
    try {
      return TextNode.valueOf(OffsetDateTime.parse(text.textValue()).toInstant().toString());
    } catch (DateTimeException e) {
      return text; // some other text
    }
  }
}
