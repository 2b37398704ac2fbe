package org.openmrs.sync2;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.openmrs.sync2.Failures.assertFails;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openmrs.sync2.jdbc.JdbcHost;
import org.openmrs.sync2.jdbc.TestDatabases;

/** A conflict and what is decided about it, with a real engine and a real database. */
class DecisionTest {

  private static final SyncDecision OURS = SyncDecision.of("ours", "the nurse asked him");

  private OnePatientParent parent;
  private JdbcHost host;
  private SyncEngine engine;
  private String conflict;

  /** The patient was registered on both sides, with another gender. */
  @BeforeEach
  void pullIntoAConflict() throws Exception {
    parent = new OnePatientParent();
    host = new JdbcHost(TestDatabases.h2());
    edit("male");
    engine = SyncEngine.open(TestConfig.forParent(parent.url()), host, TestConfig.NATIVE);
    assertEquals(Collections.singletonMap("CONFLICT", 1L), engine.pull().counts());
    conflict = Json.tree(engine.conflicts(10, 0)).get(0).get("uuid").asText();
  }

  @AfterEach
  void stop() {
    engine.close();
    parent.close();
  }

  @Test
  void aConflictIsShownWithBothSidesAndWhatIsInDispute() {
    JsonNode shown = Json.tree(engine.conflict(conflict));
    assertEquals("male", shown.get("ours").get("gender").asText());
    assertEquals("female", shown.get("theirs").get("gender").asText());
    assertEquals("gender", shown.get("differences").get(0).get("path").asText());
    assertNull(engine.conflict("none"));
  }

  @Test
  void aDecisionForThisSideStandsAndGoesUp() throws Exception {
    SyncResolution resolved = engine.resolve(conflict, OURS.by("clerk"));
    assertEquals(conflict, resolved.uuid());
    assertEquals("patient", resolved.category());
    assertEquals(OnePatientParent.UUID, resolved.objectUuid());
    assertEquals("ours", resolved.choice());
    assertTrue(resolved.goesUp());
    assertEquals(0, resolved.comesBack());
    assertEquals(Collections.emptyList(), resolved.lostPaths());
    assertEquals("male", gender());
    assertEquals("[]", new String(engine.conflicts(10, 0), UTF_8));
    JsonNode told = Json.tree(engine.auditMessage(resolved.auditUuid())).at("/detail/resolution");
    assertEquals("clerk", told.get("by").asText());
    assertEquals("the nurse asked him", told.get("reason").asText());
    assertThrows(SyncNotFoundException.class, () -> engine.resolve(conflict, OURS));
    assertNull(engine.conflict(conflict));
  }

  @Test
  void eachFieldIsDecidedByItself() throws Exception {
    SyncDecision theirs =
        SyncDecision.fields(Collections.singletonMap("gender", "theirs"), "it is a woman");
    assertFalse(engine.resolve(conflict, theirs).goesUp());
    assertEquals("female", gender());
  }

  @Test
  void aDocumentHoldsWhateverEitherSideHad() throws Exception {
    byte[] document = patient("other");
    assertTrue(engine.resolve(conflict, SyncDecision.document(document, "neither")).goesUp());
    assertEquals("other", gender());
  }

  @Test
  void aDecisionOnWhatHasChangedSinceIsOutdated() throws Exception {
    String version = Json.tree(engine.conflict(conflict)).get("version").asText();
    edit("unknown");
    SyncDecision decision = SyncDecision.of("theirs", "it is a woman").onVersion(version);
    assertFails("Outdated", () -> engine.resolve(conflict, decision));
    assertEquals("unknown", gender());
    assertNotNull(engine.conflict(conflict));
  }

  @Test
  void aDecisionThatDoesNotFitChangesNothing() throws Exception {
    assertThrows(
        SyncRejectedException.class,
        () -> engine.resolve(conflict, SyncDecision.of("keep", "nothing was removed")));
    assertThrows(
        SyncConfigurationException.class,
        () -> engine.resolve(conflict, SyncDecision.of("ours", " ")));
    assertThrows(
        SyncConfigurationException.class,
        () -> engine.resolve(conflict, SyncDecision.of("mine", "there is no such choice")));
    assertEquals("male", gender());
    assertNotNull(engine.conflict(conflict));
  }

  @Test
  void severalAreDecidedEachByItself() throws Exception {
    List<SyncResolution.Outcome> outcomes =
        engine.resolveAll(Arrays.asList(conflict, "none"), SyncDecision.of("theirs", "theirs"));
    assertEquals(2, outcomes.size());
    assertEquals(conflict, outcomes.get(0).resolved().uuid());
    assertNull(outcomes.get(0).errorKind());
    assertEquals("none", outcomes.get(1).uuid());
    assertNull(outcomes.get(1).resolved());
    assertEquals("NotFound", outcomes.get(1).errorKind());
    assertTrue(outcomes.get(1).errorMessage().contains("none"));
    assertEquals("female", gender());
  }

  @Test
  void thoseThatAFilterLetsThroughAreDecided() throws Exception {
    SyncConflictFilter removals = new SyncConflictFilter().kind("REMOVAL");
    assertEquals(Collections.emptyList(), engine.resolveAll(removals, OURS));
    assertNotNull(engine.conflict(conflict));
    SyncConflictFilter contents =
        new SyncConflictFilter().category("patient").kind("CONTENT").direction("pull");
    assertEquals(conflict, engine.resolveAll(contents, OURS).get(0).resolved().uuid());
    assertEquals("[]", new String(engine.conflicts(10, 0), UTF_8));
    SyncConflictFilter none = new SyncConflictFilter().category("patients");
    assertThrows(SyncConfigurationException.class, () -> engine.resolveAll(none, OURS));
  }

  @Test
  void theSameIsDoneWhereTheApiCallsTheEngine() throws Exception {
    SyncApi api = new SyncApi(new TestNode(engine, Runnable::run));
    assertNull(api.conflict("none"));
    assertEquals(conflict, Json.tree(api.conflict(conflict)).get("uuid").asText());
    SyncDecision outdated = OURS.onVersion("another");
    assertFails("Outdated", () -> api.resolve(conflict, outdated));
    assertEquals(conflict, api.resolve(conflict, OURS).uuid());
    assertEquals("NotFound", api.resolveAll(Arrays.asList(conflict), OURS).get(0).errorKind());
    assertEquals(Collections.emptyList(), api.resolveAll(new SyncConflictFilter(), OURS));
  }

  private void edit(String gender) throws Exception {
    host.begin();
    host.save("fhir", "patient", OnePatientParent.UUID, patient(gender));
    host.commit();
  }

  private String gender() throws Exception {
    host.begin();
    byte[] document = host.read("fhir", "patient", OnePatientParent.UUID, false);
    host.rollback();
    return Json.tree(document).get("gender").asText();
  }

  private static byte[] patient(String gender) {
    String document = "{\"resourceType\": \"Patient\", \"id\": \"%s\", \"gender\": \"%s\"}";
    return String.format(document, OnePatientParent.UUID, gender).getBytes(UTF_8);
  }
}
