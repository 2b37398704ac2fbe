package org.openmrs.sync2.acceptance.compare;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Compares what the two servers answer for the same object, in REST or FHIR JSON. Pure. */
public final class DocumentComparison {

  /**
   * Each server writes its own: addresses, times of saving, text made of the rest, and the range of
   * an observation, which is that of the concept when it was saved there. Which locations are
   * within one is told by those, which name it.
   */
  private static final Set<String> IGNORED =
      Set.of(
          "links",
          "auditInfo",
          "resourceVersion",
          "meta",
          "text",
          "referenceRange",
          "childLocations");

  /** FHIR's field for what is in a group. */
  private static final String GROUP_MEMBERS = "hasMember";

  /** The FHIR module writes the values of a group's members here, in any order. */
  private static final String VALUE_IN_WORDS = "valueString";

  private static final String BETWEEN_VALUES = ", ";

  private final List<String> differences = new ArrayList<>();

  private DocumentComparison() {}

  /**
   * Where the documents differ, such as {@code person.gender: parent "F", child "M"}. The order of
   * lists means nothing.
   */
  public static List<String> differences(JsonNode parent, JsonNode child) {
    DocumentComparison comparison = new DocumentComparison();
    comparison.compare("", normal(parent), normal(child));
    return comparison.differences;
  }

  private static JsonNode normal(JsonNode node) {
    if (node.isObject()) {
      ObjectNode object = JsonNodeFactory.instance.objectNode();
      node.properties().stream()
          .filter(field -> !IGNORED.contains(field.getKey()))
          .sorted(Map.Entry.comparingByKey())
          .forEach(field -> object.set(field.getKey(), normal(field.getValue())));
      if (object.has(GROUP_MEMBERS) && object.has(VALUE_IN_WORDS)) {
        object.put(VALUE_IN_WORDS, sorted(object.get(VALUE_IN_WORDS).textValue()));
      }
      return object;
    }
    if (node.isArray()) {
      ArrayNode array = JsonNodeFactory.instance.arrayNode();
      StreamSupport.stream(node.spliterator(), false)
          .map(DocumentComparison::normal)
          .sorted(Comparator.comparing(DocumentComparison::identity))
          .forEach(array::add);
      return array;
    }
    return node;
  }

  private static String sorted(String values) {
    return Stream.of(values.split(BETWEEN_VALUES)).sorted().collect(joining(BETWEEN_VALUES));
  }

  private static String identity(JsonNode item) {
    JsonNode id = item.has("uuid") ? item.get("uuid") : item.path("id");
    return id.isTextual() ? id.textValue() : item.toString();
  }

  private void compare(String path, JsonNode parent, JsonNode child) {
    if (parent.isObject() && child.isObject()) {
      Set<String> names = new TreeSet<>();
      parent.fieldNames().forEachRemaining(names::add);
      child.fieldNames().forEachRemaining(names::add);
      names.forEach(
          name ->
              compare(
                  path.isEmpty() ? name : path + "." + name, parent.path(name), child.path(name)));
    } else if (parent.isArray() && child.isArray()) {
      for (int index = 0; index < Math.max(parent.size(), child.size()); index++) {
        compare(path + "[" + index + "]", parent.path(index), child.path(index));
      }
    } else if (!parent.equals(child)) {
      differences.add(path + ": parent " + shown(parent) + ", child " + shown(child));
    }
  }

  private static String shown(JsonNode value) {
    return value.isMissingNode() ? "nothing" : value.toString();
  }
}
