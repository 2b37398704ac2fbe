package org.openmrs.module.sync2.capture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.file.Paths;
import org.junit.jupiter.api.Test;
import org.openmrs.sync2.Change.Action;
import org.openmrs.sync2.NativeLibrary;
import org.openmrs.sync2.SyncEngine;

/** What is told of a row that Hibernate wrote. */
class CapturedTypeTest {

  @Test
  void theEngineKnowsEveryCategory() {
    NativeLibrary.load(Paths.get("build", "native-unpacked"));
    for (CapturedType type : CapturedType.values()) {
      assertNotNull(SyncEngine.restView(type.category()), type.category());
    }
  }

  @Test
  void entitiesAreKnownByName() {
    assertEquals(CapturedType.OBSERVATION, CapturedType.of("org.openmrs.Obs"));
    assertEquals(CapturedType.PERSON, CapturedPart.of("org.openmrs.PersonAddress").whole());
    assertNull(CapturedType.of("org.openmrs.PersonAddress"));
    assertNull(CapturedType.of("org.openmrs.User"));
    assertNull(CapturedPart.of("org.openmrs.User"));
  }

  @Test
  void whatIsNewIsCreatedUnlessItWasNeverThere() {
    assertEquals(Action.CREATED, Removal.VOIDED.ofInsert(state("voided", false)));
    assertEquals(Action.CREATED, Removal.VOIDED.ofInsert(state("voided", null)));
    assertEquals(Action.VOIDED, Removal.VOIDED.ofInsert(state("voided", true)));
    assertEquals(Action.VOIDED, Removal.PERSON_VOIDED.ofInsert(state("personVoided", true)));
    assertEquals(Action.CREATED, Removal.RETIRED.ofInsert(state("retired", true)));
  }

  @Test
  void whatIsChangedIsRemovedOrRestoredWhenItsMarkTurns() {
    assertUpdate(Action.UPDATED, false, false);
    assertUpdate(Action.UPDATED, true, true);
    assertUpdate(Action.VOIDED, false, true);
    assertUpdate(Action.UNVOIDED, true, false);
    assertEquals(
        Action.RETIRED, Removal.RETIRED.ofUpdate(state("retired", false), state("retired", true)));
    assertEquals(
        Action.UNRETIRED,
        Removal.RETIRED.ofUpdate(state("retired", true), state("retired", false)));
  }

  @Test
  void whatWasThereBeforeMayBeUnknown() {
    assertEquals(Action.VOIDED, Removal.VOIDED.ofUpdate(null, state("voided", true)));
    assertEquals(Action.UPDATED, Removal.VOIDED.ofUpdate(null, state("voided", false)));
  }

  private static void assertUpdate(Action told, boolean before, boolean after) {
    assertEquals(told, Removal.VOIDED.ofUpdate(state("voided", before), state("voided", after)));
  }

  private static EntityState state(String property, Boolean value) {
    return new EntityState(new String[] {"uuid", property}, new Object[] {"u", value});
  }
}
