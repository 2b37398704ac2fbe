package org.openmrs.sync2.node.demo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;

/**
 * Work that only a person can do, so that the page has something to show in every view: a patient
 * whom both sides edited, and a result of a patient who was removed at the parent before the child
 * heard of her.
 */
final class WorkLeft {

  /** Of ids that the demo's own patients do not have. */
  private static final long SEED = 20_261_130;

  private static final String NAME = "removed";

  private final DemoNodes nodes;

  WorkLeft(DemoNodes nodes) {
    this.nodes = nodes;
  }

  /**
   * Makes the edits, and has the child pull and push. Blocks.
   *
   * @throws IOException when a node cannot be reached
   * @throws DemoException when a node refuses an edit
   */
  void leave(PrintStream out) throws IOException {
    SharedPatient edited = SharedPatient.editAtBoth(nodes.parentClient(), nodes.childClient());
    String result = leaveResultOfRemovedPatient();
    new TwoWaySync(nodes).takeTurns();
    out.println(
        "Left for a person, on the page of the child: "
            + edited.key()
            + " was edited on both sides, and "
            + result
            + " waits for its patient. The page of the parent shows the child among its sites.");
  }

  private String leaveResultOfRemovedPatient() throws IOException {
    MadeUp made = new MadeUp(SEED, 0);
    SourceObject patient = made.source(made.resource(ObjectKind.PATIENT, NAME));
    ObjectNode observation = made.resource(ObjectKind.OBSERVATION, NAME);
    observation.put("status", "final").set("code", made.concept("weight", "Weight (kg)"));
    observation.set("subject", made.reference(ObjectKind.PATIENT, NAME));
    SourceObject result = made.source(observation);
    NodeClient parent = nodes.parentClient();
    parent.store(patient);
    parent.store(result);
    parent.remove(ObjectKind.PATIENT, patient.id());
    return result.key();
  }
}
