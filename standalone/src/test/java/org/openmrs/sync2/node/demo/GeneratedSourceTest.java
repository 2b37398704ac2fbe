package org.openmrs.sync2.node.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class GeneratedSourceTest {

  @Test
  void sameSeedGivesTheSameObjects() {
    assertEquals(objects(7, 5), objects(7, 5));
  }

  @Test
  void anotherSeedGivesOtherObjects() {
    Set<String> ids = ids(objects(7, 5));
    assertTrue(objects(8, 5).stream().noneMatch(object -> ids.contains(object.id())));
  }

  @Test
  void aPatientIsTheSameHoweverManyThereAre() {
    List<SourceObject> few = objects(7, 3);
    assertEquals(few, objects(7, 9).subList(0, few.size()));
  }

  @Test
  void sizeIsWhatIsHandedOver() {
    assertEquals(objects(7, 20).size(), new GeneratedSource(7, 20).size());
  }

  @Test
  void everyReferenceLeadsToAnObjectThatCameBefore() {
    Set<String> before = new HashSet<>();
    for (SourceObject object : objects(7, 20)) {
      assertTrue(before.containsAll(object.references()), object::key);
      assertTrue(before.add(object.key()), object::key);
    }
  }

  @Test
  void idsAreUuids() {
    objects(7, 5)
        .forEach(object -> assertEquals(object.id(), UUID.fromString(object.id()).toString()));
  }

  @Test
  void hasEveryKindOfValueThatIsHardToCarry() {
    String all =
        objects(7, 30).stream().map(o -> o.document().toString()).collect(Collectors.joining());
    assertTrue(all.matches("(?s).*\"value\":\\d+\\.\\d0,.*"), "a decimal with a zero at its end");
    assertTrue(all.contains("🙂"), "a character outside the basic plane");
    assertTrue(all.contains("\\\"so\\\""), "quotes");
    assertTrue(all.contains("hasMember"), "a group of observations");
    assertTrue(
        objects(7, 30).stream()
            .anyMatch(object -> object.document().path("valueString").asText().length() > 2000),
        "a long text");
    Set<ObjectKind> kinds =
        objects(7, 1).stream().map(SourceObject::kind).collect(Collectors.toSet());
    assertEquals(10, kinds.size());
  }

  @Test
  void patientsDiffer() {
    List<SourceObject> patients =
        objects(7, 2).stream().filter(object -> object.kind() == ObjectKind.PATIENT).toList();
    assertNotEquals(patients.get(0).document().get("name"), patients.get(1).document().get("name"));
  }

  private static Set<String> ids(List<SourceObject> objects) {
    return objects.stream().map(SourceObject::id).collect(Collectors.toSet());
  }

  private static List<SourceObject> objects(long seed, int patients) {
    List<SourceObject> objects = new ArrayList<>();
    new GeneratedSource(seed, patients).deliverTo(objects::add);
    return objects;
  }
}
