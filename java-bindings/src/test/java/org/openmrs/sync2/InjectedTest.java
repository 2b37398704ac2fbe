package org.openmrs.sync2;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openmrs.sync2.jdbc.JdbcHost;
import org.openmrs.sync2.jdbc.TestDatabases;

/** Clients and filters of an implementation's own, with a real engine and a real database. */
class InjectedTest {

  private static final String DOCUMENT =
      "{\"resourceType\": \"Patient\", \"id\": \""
          + OnePatientParent.UUID
          + "\", \"active\": true}";

  private final AtomicReference<Thread> calledOn = new AtomicReference<>();
  private OnePatientParent parent;
  private JdbcHost host;

  @BeforeEach
  void start() throws Exception {
    parent = new OnePatientParent();
    host = new JdbcHost(TestDatabases.h2());
  }

  @AfterEach
  void stop() {
    parent.close();
  }

  @Test
  void aFilterLeavesOutAPatientByItsDocument() throws Exception {
    SyncFilter men =
        new SyncFilter() {
          @Override
          public boolean wantsDocument(
              String representation, String category, String uuid, byte[] json) {
            calledOn.set(Thread.currentThread());
            assertEquals("fhir patient", representation + " " + category);
            assertEquals(uuid, Json.tree(json).get("id").asText());
            return !Json.tree(json).get("gender").asText().equals("female");
          }
        };
    try (SyncEngine engine = open(new SyncEnvironment().filters(Collections.singleton(men)))) {
      assertNothingSavedThoughPassed(engine.pull());
    }
  }

  @Test
  void aFilterLeavesOutAPatientByItsEvent() throws Exception {
    SyncFilter other =
        new SyncFilter() {
          @Override
          public boolean wantsEvent(SyncEvent event) {
            calledOn.set(Thread.currentThread());
            assertEquals("CREATED patient", event.action() + " " + event.category());
            assertEquals(Collections.emptyList(), event.tags());
            return !event.uuid().equals(OnePatientParent.UUID);
          }
        };
    try (SyncEngine engine = open(new SyncEnvironment().filters(Collections.singleton(other)))) {
      assertNothingSavedThoughPassed(engine.pull());
    }
  }

  private void assertNothingSavedThoughPassed(SyncRun run) throws Exception {
    assertEquals("completed", run.state(), () -> run.error().message());
    assertEquals(1, run.events());
    assertNull(saved());
    assertSame(Thread.currentThread(), calledOn.get());
  }

  @Test
  void aFilterThatLetsEverythingThroughChangesNothing() throws Exception {
    SyncFilter all = new SyncFilter() {};
    try (SyncEngine engine = open(new SyncEnvironment().filters(Arrays.asList(all, all)))) {
      assertEquals(Collections.singletonMap("APPLIED", 1L), engine.pull().counts());
      assertNotNull(saved());
    }
  }

  @Test
  void aFilterThatThrowsLetsNothingPass() throws Exception {
    SyncFilter broken =
        new SyncFilter() {
          @Override
          public boolean wantsEvent(SyncEvent event) {
            throw new IllegalStateException("no list of villages");
          }
        };
    try (SyncEngine engine = open(new SyncEnvironment().filters(Collections.singleton(broken)))) {
      SyncRun run = engine.pull();
      assertEquals("interrupted", run.state());
      assertEquals("Host", run.error().kind());
      assertTrue(run.error().message().contains("no list of villages"), run.error().message());
      assertEquals(0, run.events());
    }
  }

  @Test
  void aClientGetsWhatItServesOnTheThreadThatPulls() throws Exception {
    SyncFetched fetched = SyncFetched.document(DOCUMENT.getBytes(UTF_8), "own://patient");
    try (SyncEngine engine = openWithClient(() -> fetched)) {
      assertEquals(Collections.singletonMap("APPLIED", 1L), engine.pull().counts());
      assertTrue(Json.tree(saved()).get("active").asBoolean());
      assertSame(Thread.currentThread(), calledOn.get());
      JsonNode message = Json.tree(engine.audit(new AuditQuery())).at("/messages/0");
      assertEquals("own", message.get("client").asText());
      // Where it came from is kept of what went wrong.
      assertTrue(message.get("url").isNull());
    }
  }

  @Test
  void failureFromAClientIsThatOfTheObject() throws Exception {
    assertParked("NotFound", () -> SyncFetched.notFound("own://patient"));
    assertParked(
        "Forbidden", () -> SyncFetched.failed(new SyncException("Forbidden", "not yours")));
    assertParked("Malformed", () -> SyncFetched.document("{".getBytes(UTF_8), "own://patient"));
    assertParked("Malformed", () -> SyncFetched.document("{}".getBytes(UTF_8), "own://patient"));
    assertParked("Gone", () -> SyncFetched.failed(new SyncException("Gone", "x")));
  }

  @Test
  void exceptionOfAClientParksOrStopsByItsKind() throws Exception {
    assertParked("Host", throwing(new IllegalStateException("out of paper")));
    assertParked("Rejected", throwing(new SyncRejectedException("not like this")));
    assertParked("Host", throwing(new SyncClosedException("x", null, 0)));
    assertStops(throwing(new SyncException("Unreachable", "no line")), "Unreachable");
    assertStops(throwing(new SyncException("Unauthorized", "no account")), "Unauthorized");
    SyncRun busy = assertStops(throwing(new SyncBusyException("later", 3_600_000)), "Busy");
    assertTrue(busy.nextRunAt() >= busy.endedAt() + 3_600_000);
  }

  @Test
  void aClientThatAnswersForFewerObjectsIsAtFault() throws Exception {
    SyncClient silent =
        new Own(null) {
          @Override
          public List<SyncFetched> fetch(
              String representation, String category, List<String> uuids) {
            return Collections.emptyList();
          }
        };
    try (SyncEngine engine = open(new SyncEnvironment().clients(Collections.singleton(silent)))) {
      engine.pull();
      String message = parked(engine).get("error").get("message").asText();
      assertTrue(message.contains("own was asked for 1 objects and answered for 0"), message);
    }
  }

  @Test
  void aClientThatIsNoneOrCannotSayWhatItServesIsRefusedAtOpen() {
    SyncEnvironment withNull = new SyncEnvironment().clients(Collections.singleton(null));
    assertThrows(SyncConfigurationException.class, () -> open(withNull));
    SyncClient unclear =
        new Own(null) {
          @Override
          public boolean serves(String representation, String category) {
            throw new IllegalStateException("not started");
          }
        };
    SyncEnvironment withUnclear = new SyncEnvironment().clients(Collections.singleton(unclear));
    SyncConfigurationException thrown =
        assertThrows(SyncConfigurationException.class, () -> open(withUnclear));
    assertTrue(thrown.getMessage().contains("not started"), thrown.getMessage());
  }

  @Test
  void aClientCanAskForTheStatusButNotPull() throws Exception {
    AtomicReference<SyncEngine> engine = new AtomicReference<>();
    AtomicReference<Boolean> running = new AtomicReference<>();
    SyncFetched fetched = SyncFetched.document(DOCUMENT.getBytes(UTF_8), "own://patient");
    try (SyncEngine opened =
        openWithClient(
            () -> {
              running.set(engine.get().status().running());
              assertThrows(SyncAlreadyRunningException.class, () -> engine.get().pull());
              return fetched;
            })) {
      engine.set(opened);
      assertEquals(Collections.singletonMap("APPLIED", 1L), opened.pull().counts());
      assertTrue(running.get());
    }
  }

  private void assertParked(String kind, Callable<SyncFetched> answer) throws Exception {
    host = new JdbcHost(TestDatabases.h2());
    try (SyncEngine engine = openWithClient(answer)) {
      SyncRun run = engine.pull();
      // What may pass by itself is tried once more at the end of the run.
      assertEquals(Collections.singleton("PARKED"), run.counts().keySet(), kind);
      assertEquals(kind, parked(engine).get("error").get("kind").asText());
    }
  }

  private SyncRun assertStops(Callable<SyncFetched> answer, String kind) throws Exception {
    host = new JdbcHost(TestDatabases.h2());
    try (SyncEngine engine = openWithClient(answer)) {
      SyncRun run = engine.pull();
      assertEquals("interrupted", run.state());
      assertEquals(kind, run.error().kind());
      assertEquals(0, run.events());
      assertFalse(Json.tree(engine.parked(10, 0)).elements().hasNext());
      // Who is away comes back; an account has to be put right.
      boolean noted = engine.status().notes().stream().anyMatch(note -> note.kind().equals(kind));
      assertEquals(kind.equals("Unauthorized"), noted, kind);
      return run;
    }
  }

  private static JsonNode parked(SyncEngine engine) {
    return Json.tree(engine.parked(10, 0)).get(0);
  }

  private static Callable<SyncFetched> throwing(RuntimeException failure) {
    return () -> {
      throw failure;
    };
  }

  private SyncEngine openWithClient(Callable<SyncFetched> answer) {
    return open(new SyncEnvironment().clients(Collections.singleton(new Own(answer))));
  }

  private SyncEngine open(SyncEnvironment environment) {
    String config = TestConfig.forParent(parent.url());
    return SyncEngine.open(config, host, environment.nativeDirectory(TestConfig.NATIVE));
  }

  /** The patient as it is here; null when it is not. */
  private byte[] saved() throws Exception {
    host.begin();
    try {
      return host.read("fhir", "patient", OnePatientParent.UUID, false);
    } finally {
      host.rollback();
    }
  }

  /** Serves patients in FHIR. */
  private class Own implements SyncClient {
    private final Callable<SyncFetched> answer;

    Own(Callable<SyncFetched> answer) {
      this.answer = answer;
    }

    @Override
    public String name() {
      return "own";
    }

    @Override
    public boolean serves(String representation, String category) {
      return representation.equals("fhir") && category.equals("patient");
    }

    @Override
    public List<SyncFetched> fetch(String representation, String category, List<String> uuids)
        throws Exception {
      calledOn.set(Thread.currentThread());
      assertEquals(Collections.singletonList(OnePatientParent.UUID), uuids);
      return Collections.singletonList(answer.call());
    }
  }
}
