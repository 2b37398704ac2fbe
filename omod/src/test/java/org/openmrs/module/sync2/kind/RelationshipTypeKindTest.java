package org.openmrs.module.sync2.kind;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.openmrs.RelationshipType;
import org.openmrs.module.sync2.host.writing.Writing;

class RelationshipTypeKindTest {

  private static final String DOCUMENT =
      "{\"uuid\": \"t\", \"aIsToB\": \"Aunt\", \"bIsToA\": \"Niece\", \"description\": \"Of a"
          + " parent\", \"weight\": 3, \"preferred\": true, \"retired\": false, \"retireReason\":"
          + " null}";

  private static JsonFields json(String document) {
    return JsonFields.parse(document.getBytes(StandardCharsets.UTF_8));
  }

  private static RelationshipType filled(RelationshipType type, String document) {
    RelationshipTypeKind.fill(type, json(document), new Writing(null, null));
    return type;
  }

  @Test
  void everyColumnIsAsTheDocumentSays() {
    RelationshipType type = filled(new RelationshipType(), DOCUMENT);

    assertEquals("Aunt", type.getaIsToB());
    assertEquals("Niece", type.getbIsToA());
    assertEquals("Of a parent", type.getDescription());
    assertEquals(3, type.getWeight());
    assertTrue(type.getPreferred());
  }

  @Test
  void aWeightThatIsEmptyIsTheLeast() {
    String without = DOCUMENT.replace("\"weight\": 3", "\"weight\": null");

    assertEquals(0, filled(new RelationshipType(), without).getWeight());
  }

  @Test
  void itIsKnownByBothSidesUnlessItIsRetired() {
    RelationshipTypeKind types = new RelationshipTypeKind();
    String retired = DOCUMENT.replace("\"retired\": false", "\"retired\": true");

    assertEquals("Aunt/Niece", types.knownAs(json(DOCUMENT)));
    assertNull(types.knownAs(json(retired)));
  }
}
