package org.openmrs.module.sync2.host.writing;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Collections;
import java.util.Date;
import org.junit.jupiter.api.Test;
import org.openmrs.Obs;
import org.openmrs.sync2.SyncRejectedException;
import org.springframework.validation.FieldError;
import org.springframework.validation.ObjectError;

class ObsVersionTest {

  private static final BrokenRule NO_VALUE =
      BrokenRule.of(
          new ObjectError("obs", new String[] {"error.noValue"}, null, null), "has no value");
  private static final BrokenRule NO_NUMBER =
      BrokenRule.of(
          new FieldError("obs", "valueNumeric", null, false, new String[] {"error.null"}, null, ""),
          "cannot be empty");

  private final MemorySession session = new MemorySession();

  @Test
  void aNewOneIsStored() {
    Obs coming = obs("o", 37.0);

    assertSame(coming, new ObsVersion(session.recording()).save(null, coming, null));

    assertEquals(Collections.singletonList(coming), session.stored);
  }

  @Test
  void oneThatSaysTheSameStaysAsTheRowThatItIs() {
    Obs here = obs("o", 37.0);

    assertSame(here, new ObsVersion(session.recording()).save(here, obs("o", 37.0), null));

    assertTrue(session.stored.isEmpty());
    assertEquals("o", here.getUuid());
  }

  @Test
  void aVoidedOneThatSaysTheSameIsRestored() {
    Obs here = obs("o", 37.0);
    new Removal(session).voidAlone(here, Removal.REASON);

    new ObsVersion(session.recording()).save(here, obs("o", 37.0), null);

    assertFalse(here.getVoided());
    assertNull(here.getDateVoided());
  }

  @Test
  void aFractionOfASecondIsNoOtherTime() {
    Obs here = obs("o", 37.0);
    Obs coming = obs("o", 37.0);
    coming.setObsDatetime(new Date(here.getObsDatetime().getTime() + 999));

    assertSame(here, new ObsVersion(session.recording()).save(here, coming, null));
  }

  @Test
  void anotherValueIsANewRowAndTheOldOneGivesItsUuidFirst() {
    Obs here = obs("o", 37.0);
    Obs coming = obs("o", 38.0);

    assertSame(coming, new ObsVersion(session.recording()).save(here, coming, null));

    assertNotEquals("o", here.getUuid());
    assertTrue(here.getVoided());
    assertEquals("o", coming.getUuid());
    assertEquals(
        Arrays.asList("flush", "store", "flush", "members from " + here.getUuid() + " to o"),
        session.steps);
  }

  @Test
  void replacedRowBecomesThePreviousVersionThatTheDocumentNames() {
    Obs here = obs("o", 37.0);
    Obs coming = obs("o", 38.0);

    new ObsVersion(session.recording()).save(here, coming, "the version before");

    assertEquals("the version before", here.getUuid());
    assertSame(here, coming.getPreviousVersion());
  }

  @Test
  void aReplacedOneThatWasVoidedKeepsWhenThatWas() {
    Obs here = obs("o", 37.0);
    here.setVoided(true);
    here.setDateVoided(new Date(5));

    new ObsVersion(session.recording()).save(here, obs("o", 38.0), null);

    assertEquals(new Date(5), here.getDateVoided());
  }

  @Test
  void aGroupNeedsNoValueAndIsNotRecordedForIt() {
    Writing writing = session.strict(NO_VALUE, NO_NUMBER);

    assertDoesNotThrow(() -> new ObsVersion(writing).save(null, obs("group", null), null));

    assertTrue(writing.recordedRules().isEmpty());
  }

  @Test
  void aValueThatBreaksARuleIsRecordedOrRefused() {
    Writing recording = session.recording(NO_NUMBER);
    new ObsVersion(recording).save(null, obs("o", 400.0), null);
    assertEquals(
        Collections.singletonList("valueNumeric: cannot be empty"), recording.recordedRules());

    ObsVersion strict = new ObsVersion(session.strict(NO_NUMBER));
    assertThrows(SyncRejectedException.class, () -> strict.save(null, obs("p", 400.0), null));
  }

  private static Obs obs(String uuid, Double value) {
    Obs obs = new Obs();
    obs.setUuid(uuid);
    obs.setObsDatetime(new Date(1_600_000_000_000L));
    obs.setValueNumeric(value);
    return obs;
  }
}
