package org.openmrs.sync2.system;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openmrs.sync2.node.demo.DemoParts.GeneratedData;

/**
 * A parent whose storage loses what OpenMRS's loses, and children that pull from it and push to it,
 * each a process of its own. Nothing may be said to be applied that is not the same on both sides.
 */
class LossyPushTest {

  @TempDir static Path directory;

  private static NodeProcess parent;

  @BeforeAll
  static void start() throws Exception {
    parent = NodeProcess.lossyRoot("lossy-parent", directory);
    parent.load(new GeneratedData(4, 3));
  }

  @AfterAll
  static void stop() {
    if (parent != null) {
      parent.close();
    }
  }

  /** Both lose the same, so that all is the same in the end. */
  @Test
  void aLossyChildAndItsParentEndUpWithTheSame() throws Exception {
    try (NodeProcess child =
        NodeProcess.lossyPushingChild("lossy-pushing-child", directory, parent.url())) {
      awaitQuiet(child);
      child.load(new GeneratedData(5, 3));
      editBothSides(child);
      awaitQuiet(child);
      LossReport report = new LossReport(parent.http(), child.http());
      report.assertHonest();
      System.out.println("lossy child and parent: " + report.counts());
      assertFalse(report.counts().containsKey("PARTIAL"), report.counts()::toString);
    }
  }

  /** What this child keeps and its parent does not is reported when it is pushed. */
  @Test
  void fieldLostByTheParentIsReportedWithItsPath() throws Exception {
    try (NodeProcess child = NodeProcess.pushingChild("pushing-child", directory, parent.url())) {
      awaitQuiet(child);
      child.load(new GeneratedData(6, 3));
      editBothSides(child);
      awaitQuiet(child);
      LossReport report = new LossReport(parent.http(), child.http());
      report.assertHonest();
      System.out.println("child of a lossy parent: " + report.counts());
      assertTrue(report.counts().containsKey("PARTIAL"), report.counts()::toString);
    }
  }

  /** Each side edits other objects, so that nothing is in conflict; the child removes one, too. */
  private static void editBothSides(NodeProcess child) throws Exception {
    List<ObjectNode> patients = new ArrayList<>(parent.http().objects("patient").values());
    patients.removeIf(patient -> !patient.has("identifier"));
    int half = patients.size() / 2;
    changePatients(parent.http(), patients.subList(0, half));
    changePatients(child.http(), patients.subList(half, patients.size()));
    Iterator<ObjectNode> observations = parent.http().objects("observation").values().iterator();
    parent.http().put(noted(observations.next()));
    child.http().put(noted(observations.next()));
    child.http().remove(single(observations));
    Iterator<ObjectNode> conditions = parent.http().objects("condition").values().iterator();
    parent.http().put(noted(conditions.next()));
    child.http().put(noted(conditions.next()));
  }

  /**
   * One on which nothing hangs: with a group a lossy parent would remove members that a child which
   * is not lossy keeps, so that it is a conflict.
   */
  private static ObjectNode single(Iterator<ObjectNode> observations) {
    ObjectNode next = observations.next();
    return next.has("hasMember") ? single(observations) : next;
  }

  private static void changePatients(NodeHttp node, List<ObjectNode> patients) throws Exception {
    for (ObjectNode patient : patients) {
      ((ObjectNode) patient.at("/identifier/0")).put("value", UUID.randomUUID().toString());
      ((ObjectNode) patient.at("/name/0")).put("family", "Changed");
      ((ObjectNode) patient.at("/address/0")).put("city", "Changed");
      node.put(patient);
    }
  }

  private static ObjectNode noted(ObjectNode resource) {
    resource.putArray("note").addObject().put("text", UUID.randomUUID().toString());
    return resource;
  }

  /**
   * Waits until the child has passed all that was written on either side, its own echoes included:
   * the last object that is written on a side has to come by in both directions.
   */
  private static void awaitQuiet(NodeProcess child) throws Exception {
    for (NodeProcess side : List.of(parent, child)) {
      ObjectNode last =
          NodeHttp.MAPPER
              .createObjectNode()
              .put("resourceType", "Patient")
              .put("id", UUID.randomUUID().toString())
              .put("gender", "female");
      side.http().put(last);
      for (String direction : List.of("pull", "push")) {
        awaitMessage(child.http(), direction, last.get("id").asText());
      }
    }
  }

  private static void awaitMessage(NodeHttp child, String direction, String uuid) throws Exception {
    String query = "/ws/rest/v1/sync2/audit?direction=" + direction + "&objectUuid=" + uuid;
    Await.until(
        "the " + direction + " of Patient/" + uuid,
        () -> child.get(query),
        found -> !found.get("messages").isEmpty());
  }
}
