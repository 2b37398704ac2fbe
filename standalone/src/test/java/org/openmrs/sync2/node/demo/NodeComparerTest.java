package org.openmrs.sync2.node.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NodeComparerTest {

  private FakeNode parent;
  private FakeNode child;

  @BeforeEach
  void startNodes() throws IOException {
    parent = new FakeNode();
    child = new FakeNode();
    for (FakeNode node : List.of(parent, child)) {
      for (String id : List.of("a", "b", "c", "d", "e")) {
        node.put("Patient/" + id, "{'id': '" + id + "', 'gender': 'female'}");
      }
      node.put("visittype/v", "{'uuid': 'v', 'name': 'Outpatient'}");
    }
  }

  @AfterEach
  void stopNodes() {
    parent.close();
    child.close();
  }

  @Test
  void equalNodesAreEqual() throws IOException {
    assertEquals(
        List.of(
            new KindComparison(ObjectKind.VISITTYPE, 1, 1, 1, 0, 0, 0, List.of()),
            new KindComparison(ObjectKind.PATIENT, 5, 5, 5, 0, 0, 0, List.of())),
        compare());
  }

  @Test
  void otherContentIsFound() throws IOException {
    child.put("Patient/e", "{'id': 'e', 'gender': 'male'}");
    assertEquals(
        new KindComparison(
            ObjectKind.PATIENT, 5, 5, 4, 1, 0, 0, List.of("Patient/e differs at gender")),
        compare().get(1));
  }

  @Test
  void otherRestContentIsFound() throws IOException {
    child.put("visittype/v", "{'uuid': 'v', 'name': 'Inpatient'}");
    assertEquals(List.of("visittype/v differs at name"), compare().get(0).examples());
  }

  @Test
  void objectThatTheChildLacksIsFound() throws IOException {
    child.objects.remove("Patient/c");
    assertEquals(
        new KindComparison(ObjectKind.PATIENT, 5, 4, 4, 0, 1, 0, List.of("Patient/c is missing")),
        compare().get(1));
  }

  @Test
  void objectThatOnlyTheChildHasIsFound() throws IOException {
    parent.objects.remove("Patient/c");
    assertEquals(
        new KindComparison(ObjectKind.PATIENT, 4, 5, 4, 0, 0, 1, List.of("Patient/c is extra")),
        compare().get(1));
  }

  @Test
  void aKindThatOnlyTheChildHasIsFound() throws IOException {
    child.put("Task/t", "{'id': 't'}");
    assertEquals(1, compare().get(2).extra());
  }

  private List<KindComparison> compare() throws IOException {
    try (Progress progress =
        new Progress(new PrintStream(new ByteArrayOutputStream()), false, "Comparing", 6)) {
      return new NodeComparer(parent.client(), child.client(), progress).compare();
    }
  }
}
