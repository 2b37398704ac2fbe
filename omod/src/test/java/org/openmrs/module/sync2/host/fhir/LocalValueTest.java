package org.openmrs.module.sync2.host.fhir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.Date;
import org.hl7.fhir.r4.model.DateTimeType;
import org.hl7.fhir.r4.model.StringType;
import org.hl7.fhir.r4.model.TimeType;
import org.hl7.fhir.r4.model.Type;
import org.junit.jupiter.api.Test;
import org.openmrs.sync2.SyncRejectedException;

class LocalValueTest {

  private static Date shownHere(String dateAndTime) {
    return Date.from(LocalDateTime.parse(dateAndTime).atZone(ZoneId.systemDefault()).toInstant());
  }

  @Test
  void aDateIsWrittenWithoutTimeAndZoneAndReadAsTheSameDay() {
    Type written = LocalValue.DAY.inFhir(shownHere("2026-03-02T00:00:00"));
    assertEquals("2026-03-02", written.primitiveValue());
    assertEquals(shownHere("2026-03-02T00:00:00"), LocalValue.read(written));
  }

  @Test
  void aTimeOfDayIsWrittenWithoutDayAndZoneAndReadAsTheSameTime() {
    Type written = LocalValue.TIME.inFhir(shownHere("2026-03-02T08:30:00"));
    assertEquals("08:30:00", written.primitiveValue());
    assertEquals(shownHere("1970-01-01T08:30:00"), LocalValue.read(written));
  }

  @Test
  void aMomentOfAServerWithoutThisModuleIsWhatThatOneShows() {
    for (String zone : new String[] {"Z", "+03:00", "-11:00", "+13:45"}) {
      Type moment = new DateTimeType("2026-03-02T00:40:00" + zone);
      assertEquals(shownHere("2026-03-02T00:40:00"), LocalValue.read(moment));
    }
  }

  @Test
  void otherValuesAreNoneOfThese() {
    assertNull(LocalValue.read(new StringType("2026-03-02")));
    assertNull(LocalValue.read(null));
    assertNull(LocalValue.of(null));
  }

  @Test
  void aValueThatIsNoWholeDateIsRefused() {
    assertThrows(SyncRejectedException.class, () -> LocalValue.read(new DateTimeType("2026-03")));
    assertThrows(SyncRejectedException.class, () -> LocalValue.read(new TimeType("later")));
  }
}
