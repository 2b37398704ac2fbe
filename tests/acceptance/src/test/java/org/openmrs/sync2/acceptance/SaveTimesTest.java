package org.openmrs.sync2.acceptance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SaveTimesTest {

  /** Of 1, 2, … milliseconds, the longest first. */
  private static SaveTimes upTo(int millis) {
    return new SaveTimes(
        IntStream.range(0, millis).mapToObj(less -> Duration.ofMillis(millis - less)).toList());
  }

  @Test
  void oneOfAHundredMayBeSlower() {
    assertEquals(Duration.ofMillis(99), upTo(100).percentile(99));
    assertEquals(Duration.ofMillis(50), upTo(100).percentile(50));
    assertEquals(Duration.ofMillis(1980), upTo(2000).percentile(99));
  }

  @Test
  void ofAFewTheSlowestCounts() {
    assertEquals(Duration.ofMillis(50), upTo(50).percentile(99));
    assertEquals(Duration.ofMillis(1), upTo(1).percentile(99));
  }

  @Test
  void severalAreOneLotOfSaves() {
    SaveTimes both = SaveTimes.of(List.of(upTo(3), upTo(100)));
    assertEquals("103 saves, p50 49 ms, p99 99 ms", both.toString());
  }
}
