package org.openmrs.sync2.node.demo;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A change that the engine knows nothing of, for the comparison to find. */
final class PlantedDifference {

  private PlantedDifference() {}

  /**
   * Changes one FHIR resource of the node, over its own FHIR server.
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
        ObjectEdit.change(node, kind, ids.get(0));
        return kind.type() + "/" + ids.get(0);
      }
    }
    throw new DemoException("the child has no FHIR resource in which to plant a difference");
  }
}
