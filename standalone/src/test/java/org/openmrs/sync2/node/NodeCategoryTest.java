package org.openmrs.sync2.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.openmrs.sync2.NativeLibrary;

/** Which of the engine's kinds a node keeps. */
class NodeCategoryTest {

  @BeforeAll
  static void loadTheEngine() {
    NativeLibrary.load(Path.of("build", "native-unpacked"));
  }

  @Test
  void everyKindThatFhirHasIsKeptAsFhir() {
    assertEquals("relationship", NodeCategory.ofFhirType("RelatedPerson").feedName());
    assertEquals("Practitioner", NodeCategory.ofFeedName("provider").fhirType());
    assertNull(NodeCategory.ofMetadata("provider"));
  }

  @Test
  void metadataWithoutFhirIsKeptAsRest() {
    assertEquals("visittype", NodeCategory.ofMetadata("visittype").feedName());
    assertEquals("encounter_role", NodeCategory.ofMetadata("encounterrole").feedName());
  }

  @Test
  void dataOfPatientsWithoutFhirAndPartsAreNotKept() {
    assertNull(NodeCategory.ofMetadata("visit"));
    assertNull(NodeCategory.ofFeedName("visit"));
    assertNull(NodeCategory.ofFeedName("person_address"));
    assertNull(NodeCategory.ofFeedName("thing"));
  }
}
