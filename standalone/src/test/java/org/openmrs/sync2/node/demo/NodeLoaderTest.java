package org.openmrs.sync2.node.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NodeLoaderTest {

  private static final ObjectSource SOURCE = new GeneratedSource(3, 10);

  private FakeNode parent;

  @BeforeEach
  void startParent() throws IOException {
    parent = new FakeNode();
  }

  @AfterEach
  void stopParent() {
    parent.close();
  }

  @Test
  void everythingIsLoadedAfterWhatItRefersTo() throws IOException {
    List<SourceObject> objects = new ArrayList<>();
    SOURCE.deliverTo(objects::add);
    load();
    assertEquals(objects.size(), parent.objects.size());
    for (SourceObject object : objects) {
      assertEquals(object.document(), parent.objects.get(object.key()));
    }
    Set<String> before = new HashSet<>();
    for (String key : parent.received) {
      assertTrue(before.containsAll(References.of(parent.objects.get(key))), key);
      before.add(key);
    }
  }

  @Test
  void aConflictIsSentAgain() throws IOException {
    parent.conflicts = 3;
    load();
    assertEquals(SOURCE.size(), parent.objects.size());
  }

  @Test
  void aRefusedObjectEndsTheLoadAndIsNamed() throws IOException {
    List<SourceObject> objects = new ArrayList<>();
    SOURCE.deliverTo(objects::add);
    SourceObject patient =
        objects.stream().filter(o -> o.kind() == ObjectKind.PATIENT).findFirst().orElseThrow();
    parent.refused = patient.key();
    DemoException refused = assertThrows(DemoException.class, this::load);
    assertTrue(refused.getMessage().contains(patient.key()), refused.getMessage());
    assertTrue(refused.getMessage().contains("422: not today"), refused.getMessage());
  }

  private void load() throws IOException {
    try (Progress progress =
        new Progress(new PrintStream(new ByteArrayOutputStream()), false, "Loading", 1)) {
      new NodeLoader(parent.client(), progress).load(SOURCE);
    }
  }
}
