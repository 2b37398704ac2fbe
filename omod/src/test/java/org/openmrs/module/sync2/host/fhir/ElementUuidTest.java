package org.openmrs.module.sync2.host.fhir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.UUID;
import org.hl7.fhir.r4.model.HumanName;
import org.junit.jupiter.api.Test;

class ElementUuidTest {

  @Test
  void isTheIdOfTheElement() {
    HumanName name = new HumanName();
    name.setId("8c27a8d1-8203-47f5-b28f-bb5c30952602");

    assertEquals("8c27a8d1-8203-47f5-b28f-bb5c30952602", ElementUuid.of(name, "p/name", 0));
  }

  @Test
  void followsFromThePlaceWithoutAnId() {
    String first = ElementUuid.of(new HumanName(), "p/name", 0);

    assertEquals(first, ElementUuid.of(new HumanName(), "p/name", 0));
    assertNotEquals(first, ElementUuid.of(new HumanName(), "p/name", 1));
    assertNotEquals(first, ElementUuid.of(new HumanName(), "q/name", 0));
    assertEquals(first, UUID.fromString(first).toString());
  }

  @Test
  void followsFromThePlaceWhenTheIdIsTooLongForOpenMrs() {
    HumanName name = new HumanName();
    name.setId("012345678901234567890123456789012345678");

    assertEquals(ElementUuid.of(new HumanName(), "p/name", 0), ElementUuid.of(name, "p/name", 0));
  }
}
