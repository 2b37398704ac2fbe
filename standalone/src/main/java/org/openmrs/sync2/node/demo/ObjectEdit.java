package org.openmrs.sync2.node.demo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Edits of objects that a node has, over its own servers, as its users make them. */
final class ObjectEdit {

  private ObjectEdit() {}

  /**
   * Changes the language of a FHIR resource, or the description of REST metadata, whatever they are
   * now.
   *
   * @throws DemoException when the node does not have the object
   */
  static void change(NodeClient node, ObjectKind kind, String id) throws IOException {
    List<ObjectNode> found = new ArrayList<>();
    node.forEachDocument(kind, List.of(id), found::add);
    if (found.isEmpty()) {
      throw new DemoException(kind.type() + "/" + id + " was listed and cannot be read");
    }
    node.change(new SourceObject(kind, id, changed(kind, found.get(0))));
  }

  private static ObjectNode changed(ObjectKind kind, ObjectNode document) {
    return switch (kind.form()) {
      case FHIR -> document.put("language", otherLanguage(document.path("language").asText()));
      case REST ->
          document.put("description", document.path("description").asText() + ", as it was edited");
    };
  }

  private static String otherLanguage(String language) {
    return language.equals("eo") ? "en" : "eo";
  }
}
