package org.openmrs.sync2.node.demo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Edits of people at each node of a chain: of another patient at each, whom all nodes have. */
final class LevelEdits {

  private final List<NodeClient> nodes;
  private final Map<String, String> languages = new LinkedHashMap<>();

  private LevelEdits(List<NodeClient> nodes) {
    this.nodes = nodes;
  }

  /**
   * Makes the edits.
   *
   * @param nodes the root first
   * @throws IOException when a node cannot be reached
   * @throws DemoException when there are fewer patients than nodes, or a node refuses an edit
   */
  static LevelEdits make(List<NodeClient> nodes) throws IOException {
    TreeSet<String> ids = new TreeSet<>();
    nodes.get(0).forEachId(ObjectKind.PATIENT, ids::add);
    if (ids.size() < nodes.size()) {
      throw new DemoException("--levels needs at least " + nodes.size() + " patients");
    }
    LevelEdits edits = new LevelEdits(nodes);
    List<String> patients = new ArrayList<>(ids);
    for (int level = 0; level < nodes.size(); level++) {
      edits.edit(nodes.get(level), patients.get(level));
    }
    return edits;
  }

  private void edit(NodeClient node, String patient) throws IOException {
    ObjectNode edited =
        ObjectEdit.change(node, ObjectKind.PATIENT, patient, ObjectEdit::withOtherLanguage);
    languages.put(patient, edited.path("language").asText());
  }

  /** How many copies have to have an edit: each edit has one at each node. */
  int copies() {
    return languages.size() * nodes.size();
  }

  /** How many of them have it. */
  int reached() throws IOException {
    int reached = 0;
    for (NodeClient node : nodes) {
      for (Map.Entry<String, String> edit : languages.entrySet()) {
        ObjectNode patient = ObjectEdit.read(node, ObjectKind.PATIENT, edit.getKey());
        reached += patient.path("language").asText().equals(edit.getValue()) ? 1 : 0;
      }
    }
    return reached;
  }
}
