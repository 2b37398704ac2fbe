package org.openmrs.sync2.node.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SideEditsTest {

  private FakeNode parent;
  private FakeNode child;
  private final Map<String, ObjectNode> shared = new TreeMap<>();

  @BeforeEach
  void editEqualNodes() throws IOException {
    parent = new FakeNode();
    child = new FakeNode();
    new GeneratedSource(1, 2)
        .deliverTo(object -> shared.put(object.key(), object.document().deepCopy()));
    for (FakeNode node : List.of(parent, child)) {
      shared.forEach((key, document) -> node.objects.put(key, document.deepCopy()));
    }
    try (Progress progress =
        new Progress(new PrintStream(new ByteArrayOutputStream()), false, "Editing", 0)) {
      new SideEdits(parent.client(), child.client(), progress).make(2);
    }
  }

  @AfterEach
  void stopNodes() {
    parent.close();
    child.close();
  }

  @Test
  void eachSideChangesObjectsOfEachKindThatTheOtherDoesNotTouch() {
    assertEquals(kinds(shared.keySet()), kinds(changed(parent)));
    assertEquals(kinds(shared.keySet()), kinds(changed(child)));
    Set<String> both = changed(parent);
    both.retainAll(changed(child));
    assertEquals(Set.of(), both);
  }

  @Test
  void theChildRemovesOneObservation() {
    Set<String> removed = new HashSet<>(shared.keySet());
    removed.removeAll(child.objects.keySet());
    assertEquals(Set.of("Observation"), kinds(removed));
    assertEquals(1, removed.size());
    assertTrue(parent.objects.keySet().containsAll(shared.keySet()));
    assertFalse(changed(parent).containsAll(removed));
  }

  @Test
  void eachSideGetsNewObjectsOfEachKindThatTheOtherDoesNotHave() {
    assertEquals(kinds(shared.keySet()), kinds(created(parent)));
    assertEquals(kinds(shared.keySet()), kinds(created(child)));
    Set<String> both = created(parent);
    both.retainAll(child.objects.keySet());
    assertEquals(Set.of(), both);
  }

  private Set<String> changed(FakeNode node) {
    Set<String> keys = new HashSet<>();
    node.objects.forEach(
        (key, document) -> {
          if (shared.containsKey(key) && !shared.get(key).equals(document)) {
            keys.add(key);
          }
        });
    return keys;
  }

  private Set<String> created(FakeNode node) {
    Set<String> keys = new HashSet<>(node.objects.keySet());
    keys.removeAll(shared.keySet());
    return keys;
  }

  private static Set<String> kinds(Set<String> keys) {
    Set<String> kinds = new HashSet<>();
    keys.forEach(key -> kinds.add(key.substring(0, key.indexOf('/'))));
    return kinds;
  }
}
