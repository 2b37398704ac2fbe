package org.openmrs.sync2.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.openmrs.sync2.SyncDuplicateException;

/** A lossy node takes no second location of a name, any other node takes it. */
class OpenMrsNamesTest {

  private static final byte[] WARD =
      "{\"resourceType\":\"Location\",\"name\":\"Ward 1\"}".getBytes(StandardCharsets.UTF_8);

  @Test
  void aSecondLocationOfANameIsRefusedAsLongAsTheFirstIsThere() throws Exception {
    try (TestNode node = TestNode.start(true)) {
      save(node, "here");
      // Not a second one.
      save(node, "here");

      SyncDuplicateException refusal =
          assertThrows(SyncDuplicateException.class, () -> save(node, "there"));

      assertEquals("Ward 1", refusal.namesakeName());
      assertEquals("here", refusal.namesakeUuid());
      node.remove("location", "here");
      save(node, "there");
    }
  }

  @Test
  void aNodeThatIsNotLossyTakesAnyName() throws Exception {
    try (TestNode node = TestNode.start(false)) {
      save(node, "here");
      save(node, "there");
    }
  }

  private static void save(TestNode node, String uuid) {
    node.host.begin();
    try {
      node.host.save("fhir", "location", uuid, WARD);
      node.host.commit();
    } catch (RuntimeException e) {
      node.host.rollback();
      throw e;
    }
  }
}
