package org.openmrs.module.sync2.kind;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Time;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Date;
import java.util.TimeZone;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.openmrs.sync2.SyncRejectedException;

/** What the fields of a REST document mean. */
class JsonFieldsTest {

  private final TimeZone zone = TimeZone.getDefault();

  @AfterEach
  void restoreZone() {
    TimeZone.setDefault(zone);
  }

  private static JsonFields fields(String json) {
    return JsonFields.parse(json.getBytes(UTF_8));
  }

  @Test
  void anInstantIsTheSameInEveryNotation() {
    Date noon = Date.from(Instant.parse("2026-11-20T12:00:00Z"));
    for (String text :
        new String[] {
          "2026-11-20T15:00:00.000+0300", "2026-11-20T15:00:00+03:00", "2026-11-20T12:00:00.000Z"
        }) {
      assertEquals(noon, fields("{\"at\": \"" + text + "\"}").instant("at"), text);
    }
  }

  @Test
  void aDateAndATimeOfDayAreThoseThatTheParentWroteWhereverWeAre() {
    JsonFields born = fields("{\"birth\": \"1980-02-29T23:30:15.000+0900\"}");
    for (String ours : new String[] {"America/Lima", "UTC", "Pacific/Auckland"}) {
      TimeZone.setDefault(TimeZone.getTimeZone(ours));
      Instant midnight = LocalDate.of(1980, 2, 29).atStartOfDay(ZoneId.of(ours)).toInstant();
      assertEquals(Date.from(midnight), born.localDate("birth"), ours);
      assertEquals(Time.valueOf("23:30:15"), born.localTime("birth"), ours);
    }
  }

  @Test
  void aWallClockShowsWhatTheParentWroteWhereverWeAre() {
    JsonFields value = fields("{\"value\": \"2026-03-02T00:40:00.000+0300\"}");
    for (String ours : new String[] {"America/Lima", "UTC", "Pacific/Auckland"}) {
      TimeZone.setDefault(TimeZone.getTimeZone(ours));
      Instant shown = LocalDate.of(2026, 3, 2).atTime(0, 40).atZone(ZoneId.of(ours)).toInstant();
      assertEquals(Date.from(shown), value.wallClock("value"), ours);
    }
  }

  @Test
  void nullFieldIsNothing() {
    JsonFields empty = fields("{\"field\": null}");
    assertNull(empty.text("field"));
    assertNull(empty.number("field"));
    assertNull(empty.instant("field"));
    assertNull(empty.localDate("field"));
    assertNull(empty.reference("field"));
    assertNull(empty.constant("field", DayOfWeek.class));
    assertEquals(false, empty.isTrue("field"));
    assertTrue(empty.list("field").isEmpty());
  }

  @Test
  void fieldThatTheParentWithheldIsNotTakenForEmpty() {
    JsonFields empty = fields("{}");
    assertEquals(false, empty.has("names"));
    SyncRejectedException refused =
        assertThrows(SyncRejectedException.class, () -> empty.list("names"));
    assertTrue(refused.getMessage().contains("names"), refused.getMessage());
  }

  @Test
  void unreadableFieldIsRefusedByItsName() {
    JsonFields odd =
        fields(
            "{\"at\": \"yesterday\", \"day\": \"FEASTDAY\", \"who\": \"Ann\", \"birth\": \"80\"}");
    for (Runnable reading :
        new Runnable[] {
          () -> odd.instant("at"),
          () -> odd.localDate("birth"),
          () -> odd.localTime("birth"),
          () -> odd.constant("day", DayOfWeek.class),
          () -> odd.object("who"),
        }) {
      assertThrows(SyncRejectedException.class, reading::run);
    }
    assertThrows(SyncRejectedException.class, () -> fields("[]"));
    assertThrows(SyncRejectedException.class, () -> fields("{\"broken\""));
    assertThrows(SyncRejectedException.class, () -> fields(""));
  }

  @Test
  void objectsAndReferencesAreFoundInTheirFields() {
    JsonFields patient =
        fields("{\"location\": {\"uuid\": \"l\"}, \"names\": [{\"uuid\": \"n\", \"rank\": 2.5}]}");
    assertEquals("l", patient.reference("location"));
    assertEquals("n", patient.list("names").get(0).text("uuid"));
    assertEquals(2.5, patient.list("names").get(0).number("rank"));
  }
}
