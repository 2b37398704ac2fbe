package org.openmrs.sync2.node.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Where the references of Bundles lead: every resource by {@code Type/id}, by the {@code fullUrl}
 * of its entry and by its identifiers. The documents themselves are not kept.
 */
final class BundleIndex {

  private final Map<String, String> keys = new HashMap<>();
  private final SortedMap<String, Long> uncovered = new TreeMap<>();
  private long size;

  /**
   * Takes note of an entry.
   *
   * @throws DemoException when it names a resource that another one had already
   */
  void add(String fileName, JsonNode entry) {
    String type = entry.path("resource").path("resourceType").asText();
    String key = type + "/" + idOf(fileName, entry);
    if (keys.putIfAbsent(key, key) != null) {
      throw new DemoException(fileName + " has " + key + ", which was there before: load it once");
    }
    if (entry.path("fullUrl").isTextual()) {
      keys.put(entry.get("fullUrl").textValue(), key);
    }
    identifiersOf(entry.get("resource"))
        .forEach(identifier -> keys.putIfAbsent(identifierKey(type, textOf(identifier)), key));
    if (ObjectKind.ofFhirType(type).isPresent()) {
      size++;
    } else {
      uncovered.merge(type, 1L, Long::sum);
    }
  }

  /** The id that the resource of an entry is stored under: its own, else that of the fullUrl. */
  static String idOf(String fileName, JsonNode entry) {
    JsonNode id = entry.path("resource").path("id");
    String fullUrl = entry.path("fullUrl").asText();
    if (id.isTextual()) {
      return id.textValue();
    }
    if (fullUrl.startsWith("urn:uuid:")) {
      return fullUrl.substring("urn:uuid:".length());
    }
    throw new DemoException(fileName + " has an entry with neither an id nor a urn:uuid: fullUrl");
  }

  /** {@code Type/id} of what a reference leads to; empty when it is not in the Bundles. */
  Optional<String> resolve(String reference) {
    return Optional.ofNullable(keys.get(reference));
  }

  /** How many resources of types that no category covers. */
  SortedMap<String, Long> uncovered() {
    return uncovered;
  }

  /** How many resources of types that a category covers. */
  long size() {
    return size;
  }

  /** {@code Resource.identifier} is a list for most types and a single one for a few. */
  private static Iterable<JsonNode> identifiersOf(JsonNode resource) {
    JsonNode identifier = resource.path("identifier");
    return identifier.isObject() ? List.of(identifier) : identifier;
  }

  private static String textOf(JsonNode identifier) {
    return identifier.path("system").asText() + "|" + identifier.path("value").asText();
  }

  private static String identifierKey(String type, String identifier) {
    return type + "?identifier=" + identifier;
  }
}
