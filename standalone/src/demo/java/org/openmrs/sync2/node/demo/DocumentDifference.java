package org.openmrs.sync2.node.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Where two documents of the same object differ. Strict, and made from nothing of the engine's:
 * lists are compared in order and numbers as they are written. Only what every server writes by
 * itself is passed over.
 */
final class DocumentDifference {

  /** Written by OpenMRS's REST module at any depth. */
  private static final Set<String> REST_SERVER_FIELDS =
      Set.of("links", "auditInfo", "resourceVersion");

  private final List<String> paths = new ArrayList<>();

  private DocumentDifference() {}

  /** The paths at which the documents differ, such as {@code name[0].family}; none when equal. */
  static List<String> paths(ObjectKind.Form form, ObjectNode parent, ObjectNode child) {
    DocumentDifference difference = new DocumentDifference();
    difference.compare("", withoutServerFields(form, parent), withoutServerFields(form, child));
    return difference.paths;
  }

  private static ObjectNode withoutServerFields(ObjectKind.Form form, ObjectNode document) {
    ObjectNode copy = document.deepCopy();
    switch (form) {
      case FHIR -> removeFhirServerFields(copy);
      case REST -> removeRestServerFields(copy);
    }
    return copy;
  }

  private static void removeFhirServerFields(ObjectNode resource) {
    resource.remove("text");
    for (JsonNode contained : resource.path("contained")) {
      ((ObjectNode) contained).remove("text");
    }
    if (resource.get("meta") instanceof ObjectNode meta) {
      meta.remove(List.of("versionId", "lastUpdated"));
      removeSubsettedTag(meta);
      if (meta.isEmpty()) {
        resource.remove("meta");
      }
    }
  }

  /** The tag says that a search left something out; here only the narrative. */
  private static void removeSubsettedTag(ObjectNode meta) {
    JsonNode tags = meta.path("tag");
    for (var each = tags.elements(); each.hasNext(); ) {
      if (each.next().path("code").asText().equals("SUBSETTED")) {
        each.remove();
      }
    }
    if (tags.isArray() && tags.isEmpty()) {
      meta.remove("tag");
    }
  }

  private static void removeRestServerFields(JsonNode node) {
    if (node instanceof ObjectNode object) {
      object.remove(REST_SERVER_FIELDS);
    }
    node.forEach(DocumentDifference::removeRestServerFields);
  }

  private void compare(String path, JsonNode parent, JsonNode child) {
    if (parent.isObject() && child.isObject()) {
      compareFields(path, parent, child);
    } else if (parent.isArray() && child.isArray()) {
      compareItems(path, parent, child);
    } else if (!sameValue(parent, child)) {
      paths.add(path);
    }
  }

  private void compareFields(String path, JsonNode parent, JsonNode child) {
    Set<String> names = new TreeSet<>();
    parent.fieldNames().forEachRemaining(names::add);
    child.fieldNames().forEachRemaining(names::add);
    for (String name : names) {
      compare(path.isEmpty() ? name : path + "." + name, parent.path(name), child.path(name));
    }
  }

  private void compareItems(String path, JsonNode parent, JsonNode child) {
    for (int i = 0; i < Math.max(parent.size(), child.size()); i++) {
      compare(path + "[" + i + "]", parent.path(i), child.path(i));
    }
  }

  /** 1.10 is not 1.1, and the text "1" is not the number 1. */
  private static boolean sameValue(JsonNode parent, JsonNode child) {
    return parent.getNodeType() == child.getNodeType() && parent.asText().equals(child.asText());
  }
}
