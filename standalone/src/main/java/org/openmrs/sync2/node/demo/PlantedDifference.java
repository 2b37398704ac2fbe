package org.openmrs.sync2.node.demo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A change that the engine knows nothing of, for the comparison to find. */
final class PlantedDifference {

  private PlantedDifference() {}

  /**
   * Changes the language of one FHIR resource of the node, over its own FHIR server.
   *
   * @return the key of the resource
   * @throws DemoException when the node has none
   */
  static String plant(NodeClient node) throws IOException {
    for (ObjectKind kind : ObjectKind.values()) {
      List<String> ids = new ArrayList<>();
      if (kind.form() == ObjectKind.Form.FHIR) {
        node.forEachId(kind, ids::add);
      }
      if (!ids.isEmpty()) {
        return change(node, kind, ids.get(0));
      }
    }
    throw new DemoException("the child has no FHIR resource in which to plant a difference");
  }

  private static String change(NodeClient node, ObjectKind kind, String id) throws IOException {
    List<ObjectNode> found = new ArrayList<>();
    node.forEachDocument(kind, List.of(id), found::add);
    ObjectNode document = found.get(0);
    String other = document.path("language").asText().equals("eo") ? "en" : "eo";
    SourceObject changed = new SourceObject(kind, id, document.put("language", other));
    node.store(changed);
    return changed.key();
  }
}
