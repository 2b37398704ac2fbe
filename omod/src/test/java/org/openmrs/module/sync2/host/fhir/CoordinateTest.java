package org.openmrs.module.sync2.host.fhir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.math.BigDecimal;
import org.junit.jupiter.api.Test;

class CoordinateTest {

  @Test
  void takesWhatTheDocumentNames() {
    assertEquals("0.3136", Coordinate.merged("1.5", new BigDecimal("0.3136")));
    assertEquals("32.58", Coordinate.merged(null, new BigDecimal("32.58")));
    assertEquals("32.58", Coordinate.merged("near the lake", new BigDecimal("32.58")));
  }

  @Test
  void leavesATextThatSaysTheSameNumber() {
    assertEquals("0.31360", Coordinate.merged("0.31360", new BigDecimal("0.3136")));
  }

  @Test
  void removesWhatTheDocumentNoLongerHas() {
    assertNull(Coordinate.merged("0.3136", null));
  }

  @Test
  void leavesWhatTheFhirModuleNeverGives() {
    assertEquals("-1.28", Coordinate.merged("-1.28", null));
    assertEquals("near the lake", Coordinate.merged("near the lake", null));
  }
}
