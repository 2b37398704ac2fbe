package org.openmrs.module.sync2.host.writing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.openmrs.Visit;
import org.openmrs.sync2.SyncRejectedException;
import org.springframework.validation.FieldError;
import org.springframework.validation.ObjectError;

class EntryRulesTest {

  private static final BrokenRule OVERLAP =
      rule("startDatetime", "Visit.visitCannotOverlapAnotherVisitOfTheSamePatient", "overlaps");
  private static final BrokenRule TOO_LONG =
      rule("name", "error.exceededMaxLengthOfField", "is too long");

  private final MemorySession session = new MemorySession();
  private final Visit visit = new Visit();

  @Test
  void objectThatBreaksARuleIsStoredAndTheRuleRecordedOnce() {
    Writing writing = session.recording(OVERLAP, OVERLAP);

    writing.store(visit);

    assertEquals(Collections.singletonList(visit), session.stored);
    assertEquals(Collections.singletonList("startDatetime: overlaps"), writing.recordedRules());
  }

  @Test
  void objectThatBreaksRulesIsRefusedNamingAllWhileStrict() {
    Writing writing = session.strict(OVERLAP, BrokenRule.ofEntry("a patient needs an identifier"));

    SyncRejectedException refused =
        assertThrows(SyncRejectedException.class, () -> writing.store(visit));

    assertEquals(
        "OpenMRS refuses it: startDatetime: overlaps; a patient needs an identifier",
        refused.getMessage());
    assertTrue(session.stored.isEmpty());
  }

  @Test
  void objectThatTheDatabaseCannotHoldIsAlwaysRefused() {
    Writing writing = session.recording(OVERLAP, TOO_LONG);

    assertThrows(SyncRejectedException.class, () -> writing.store(visit));

    assertTrue(session.stored.isEmpty());
  }

  @Test
  void objectThatKeepsAllRulesRecordsNone() {
    Writing writing = session.recording();

    writing.store(visit);

    assertTrue(writing.recordedRules().isEmpty());
  }

  @Test
  void finishedWordsInPlaceOfACodeAreNotToldBecauseTheyHoldTheValue() {
    String words =
        BrokenRule.of(
                new ObjectError("object", new String[] {"Identifier 100HA1 is bad"}, null, null),
                "Identifier 100HA1 is bad")
            .words();

    assertFalse(words.contains("100HA1"), words);
  }

  @Test
  void aRuleAboutTheValueOfAnObservationIsKnownByItsFieldOrCode() {
    assertTrue(rule("valueNumeric", "error.null", "").isAboutTheValue());
    assertFalse(OVERLAP.isAboutTheValue());
  }

  private static BrokenRule rule(String field, String code, String message) {
    return BrokenRule.of(
        new FieldError("object", field, null, false, new String[] {code}, null, message), message);
  }
}
