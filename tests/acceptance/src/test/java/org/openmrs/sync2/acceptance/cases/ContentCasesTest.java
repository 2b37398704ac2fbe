package org.openmrs.sync2.acceptance.cases;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ContentCasesTest {

  @Test
  void longTextsAreExactlyAsLongAsTheColumn() {
    for (int length : new int[] {20, 50, 255}) {
      String text = ContentCases.ofLength(length);
      assertEquals(length, text.codePointCount(0, text.length()));
      assertEquals(text.strip(), text);
    }
  }

  @Test
  void theStrangeTextHasCharactersBeyondTheBasicPlane() {
    assertTrue(ContentCases.STRANGE.codePoints().anyMatch(point -> point > 0xFFFF));
  }
}
