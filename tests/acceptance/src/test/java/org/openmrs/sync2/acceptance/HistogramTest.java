package org.openmrs.sync2.acceptance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class HistogramTest {

  private static final String PRINTED =
      """
      123:
       num     #instances         #bytes  class name (module)
      -------------------------------------------------------
         1:         26000        1200000  [B (java.base@17.0.15)
         2:             3             96  org.example.Session
         3:             2             64  org.example.Session
      Total         26005        1200160
      """;

  @Test
  void instancesOfAClassOfTwoClassLoadersAreAddedUp() {
    assertEquals(5, Histogram.of(PRINTED).count("org.example.Session"));
  }

  @Test
  void aClassThatIsNotListedHasNone() {
    assertEquals(0, Histogram.of(PRINTED).count("org.example.Other"));
  }
}
