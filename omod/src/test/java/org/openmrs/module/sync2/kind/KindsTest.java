package org.openmrs.module.sync2.kind;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Paths;
import org.junit.jupiter.api.Test;
import org.openmrs.sync2.Change.Action;
import org.openmrs.sync2.NativeLibrary;
import org.openmrs.sync2.SyncEngine;

/** What this module knows of each kind, and what is told of a row that Hibernate wrote. */
class KindsTest {

  @Test
  void theEngineKnowsEveryCategory() {
    NativeLibrary.load(Paths.get("build", "native-unpacked"));
    for (Kind kind : Kinds.all()) {
      assertNotNull(SyncEngine.restView(kind.category()), kind.category());
    }
  }

  @Test
  void kindWrittenAsRestIsAskedForInAViewOfItsOwn() {
    NativeLibrary.load(Paths.get("build", "native-unpacked"));
    for (Kind kind : Kinds.all()) {
      if (kind.rest() != null) {
        String view = SyncEngine.restView(kind.category());
        assertTrue(view.startsWith("custom:(uuid,"), kind + ": " + view);
      }
    }
  }

  @Test
  void entitiesAreKnownByName() {
    assertEquals(Kinds.OBSERVATION, Kinds.ofEntity("org.openmrs.Obs"));
    assertEquals(Kinds.PERSON, Kinds.partOfEntity("org.openmrs.PersonAddress").whole());
    assertNull(Kinds.ofEntity("org.openmrs.PersonAddress"));
    assertNull(Kinds.ofEntity("org.openmrs.User"));
    assertNull(Kinds.partOfEntity("org.openmrs.User"));
  }

  @Test
  void newObjectIsCreatedUnlessItWasNeverThere() {
    assertEquals(Action.CREATED, Withdrawal.VOIDED.ofInsert(state("voided", false)));
    assertEquals(Action.CREATED, Withdrawal.VOIDED.ofInsert(state("voided", null)));
    assertEquals(Action.VOIDED, Withdrawal.VOIDED.ofInsert(state("voided", true)));
    assertEquals(Action.VOIDED, Withdrawal.PERSON_VOIDED.ofInsert(state("personVoided", true)));
    assertEquals(Action.CREATED, Withdrawal.RETIRED.ofInsert(state("retired", true)));
  }

  @Test
  void changedObjectIsRemovedOrRestoredWhenItsMarkTurns() {
    assertUpdate(Action.UPDATED, false, false);
    assertUpdate(Action.UPDATED, true, true);
    assertUpdate(Action.VOIDED, false, true);
    assertUpdate(Action.UNVOIDED, true, false);
    assertEquals(
        Action.RETIRED,
        Withdrawal.RETIRED.ofUpdate(state("retired", false), state("retired", true)));
    assertEquals(
        Action.UNRETIRED,
        Withdrawal.RETIRED.ofUpdate(state("retired", true), state("retired", false)));
  }

  @Test
  void stateBeforeAChangeMayBeUnknown() {
    assertEquals(Action.VOIDED, Withdrawal.VOIDED.ofUpdate(null, state("voided", true)));
    assertEquals(Action.UPDATED, Withdrawal.VOIDED.ofUpdate(null, state("voided", false)));
  }

  private static void assertUpdate(Action told, boolean before, boolean after) {
    assertEquals(told, Withdrawal.VOIDED.ofUpdate(state("voided", before), state("voided", after)));
  }

  private static EntityState state(String property, Boolean value) {
    return new EntityState(new String[] {"uuid", property}, new Object[] {"u", value});
  }
}
