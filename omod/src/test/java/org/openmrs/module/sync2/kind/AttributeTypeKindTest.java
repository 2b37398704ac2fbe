package org.openmrs.module.sync2.kind;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.openmrs.VisitAttributeType;
import org.openmrs.module.sync2.host.writing.Writing;
import org.openmrs.sync2.SyncRejectedException;

class AttributeTypeKindTest {

  private static final String DOCUMENT =
      "{\"uuid\": \"t\", \"name\": \"Bed\", \"description\": \"Where she lies\", \"retired\":"
          + " false, \"retireReason\": null, \"minOccurs\": 1, \"maxOccurs\": 2,"
          + " \"datatypeClassname\":"
          + " \"org.openmrs.customdatatype.datatype.RegexValidatedTextDatatype\","
          + " \"datatypeConfig\": \"[A-Z][0-9]+\", \"preferredHandlerClassname\": \"a.Handler\","
          + " \"handlerConfig\": \"wide\"}";

  private static VisitAttributeType filled(VisitAttributeType type, String document) {
    JsonFields json = JsonFields.parse(document.getBytes(StandardCharsets.UTF_8));
    AttributeTypeKind.fill(type, json, new Writing(null, null));
    return type;
  }

  @Test
  void everyColumnIsAsTheDocumentSays() {
    VisitAttributeType type = filled(new VisitAttributeType(), DOCUMENT);

    assertEquals("Bed", type.getName());
    assertEquals("Where she lies", type.getDescription());
    assertEquals(1, type.getMinOccurs());
    assertEquals(2, type.getMaxOccurs());
    assertEquals(
        "org.openmrs.customdatatype.datatype.RegexValidatedTextDatatype",
        type.getDatatypeClassname());
    assertEquals("[A-Z][0-9]+", type.getDatatypeConfig());
    assertEquals("a.Handler", type.getPreferredHandlerClassname());
    assertEquals("wide", type.getHandlerConfig());
  }

  @Test
  void emptyFieldIsEmptiedButNeverTheLeastNumber() {
    VisitAttributeType type = filled(new VisitAttributeType(), DOCUMENT);

    filled(type, DOCUMENT.replaceAll("(Occurs|Config|HandlerClassname)\": [^,}]+", "$1\": null"));

    assertEquals(0, type.getMinOccurs());
    assertNull(type.getMaxOccurs());
    assertNull(type.getDatatypeConfig());
    assertNull(type.getPreferredHandlerClassname());
    assertNull(type.getHandlerConfig());
  }

  @Test
  void aFieldThatTheParentWithheldIsNotTakenForAnEmptyOne() {
    String withheld = DOCUMENT.replace("\"datatypeConfig\"", "\"other\"");

    assertThrows(SyncRejectedException.class, () -> filled(new VisitAttributeType(), withheld));
  }

  @Test
  void itIsKnownByItsNameUnlessItIsRetired() {
    VisitAttributeTypeKind types = new VisitAttributeTypeKind();
    JsonFields used = JsonFields.parse(DOCUMENT.getBytes(StandardCharsets.UTF_8));
    String retired = DOCUMENT.replace("\"retired\": false", "\"retired\": true");

    assertEquals("Bed", types.knownAs(used));
    assertNull(types.knownAs(JsonFields.parse(retired.getBytes(StandardCharsets.UTF_8))));
  }
}
