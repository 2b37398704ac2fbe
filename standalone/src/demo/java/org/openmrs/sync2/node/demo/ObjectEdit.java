package org.openmrs.sync2.node.demo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

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
    change(node, kind, id, document -> changed(kind, document));
  }

  /**
   * Changes an object.
   *
   * @param edit makes of the document that the node has the one that it gets
   * @return what the node was given
   * @throws DemoException when the node does not have the object
   */
  static ObjectNode change(
      NodeClient node, ObjectKind kind, String id, UnaryOperator<ObjectNode> edit)
      throws IOException {
    ObjectNode edited = edit.apply(read(node, kind, id));
    node.change(new SourceObject(kind, id, edited));
    return edited;
  }

  /**
   * The document of an object that a node lists.
   *
   * @throws DemoException when the node does not have the object
   */
  static ObjectNode read(NodeClient node, ObjectKind kind, String id) throws IOException {
    List<ObjectNode> found = new ArrayList<>();
    node.forEachDocument(kind, List.of(id), found::add);
    if (found.isEmpty()) {
      throw new DemoException(kind.type() + "/" + id + " was listed and cannot be read");
    }
    return found.get(0);
  }

  private static ObjectNode changed(ObjectKind kind, ObjectNode document) {
    return switch (kind.form()) {
      case FHIR -> withOtherLanguage(document);
      case REST ->
          document.put("description", document.path("description").asText() + ", as it was edited");
    };
  }

  /** A FHIR resource in another language than it is in now. */
  static ObjectNode withOtherLanguage(ObjectNode document) {
    return document.put("language", otherLanguage(document.path("language").asText()));
  }

  private static String otherLanguage(String language) {
    return language.equals("eo") ? "en" : "eo";
  }
}
