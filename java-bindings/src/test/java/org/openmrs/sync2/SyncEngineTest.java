package org.openmrs.sync2;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.function.Executable;
import org.openmrs.sync2.jdbc.JdbcHost;
import org.openmrs.sync2.jdbc.TestDatabases;

/** The life of an engine, and that no misuse of it does harm. */
class SyncEngineTest {

  private static final long PATIENCE_SECONDS = 30;

  private ServerSocket parent;
  private ExecutorService otherThread;

  @BeforeEach
  void start() throws IOException {
    parent = TestConfig.silentParent();
    parent.setSoTimeout((int) TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
    otherThread = Executors.newSingleThreadExecutor();
  }

  @AfterEach
  void stop() throws IOException {
    otherThread.shutdownNow();
    parent.close();
  }

  @Test
  void mistakeInTheConfigurationIsNamed() {
    SyncConfigurationException thrown =
        assertThrows(
            SyncConfigurationException.class,
            () -> SyncEngine.open("{\"parent\": {", new RecordingHost(), TestConfig.NATIVE));
    assertFalse(thrown.getMessage().isEmpty());
    assertThrows(
        SyncConfigurationException.class, () -> SyncEngine.checkConfig("[", TestConfig.NATIVE));
    String location = config().replace("\"patient\"", "\"location\"");
    assertEquals(Collections.emptyList(), SyncEngine.checkConfig(location, TestConfig.NATIVE));
  }

  @Test
  void aConfigurationThatPullsNothingIsWarnedOf() throws SQLException {
    String config = config().replace("{\"pull\": true}", "{\"pull\": false}");
    List<String> warnings = SyncEngine.checkConfig(config, TestConfig.NATIVE);
    assertEquals(1, warnings.size());
    assertTrue(warnings.get(0).startsWith("categories: "), warnings.get(0));
    try (SyncEngine engine = SyncEngine.open(config, h2Host(), TestConfig.NATIVE)) {
      assertEquals(warnings, engine.status().warnings());
    }
  }

  @Test
  void restViewsAreToldWithoutAnEngine() {
    NativeLibrary.load(TestConfig.NATIVE);
    String view = SyncEngine.restView("visittype");
    assertTrue(view.startsWith("custom:(uuid,name,"), view);
    assertEquals("full", SyncEngine.restView("concept"));
    assertThrows(SyncConfigurationException.class, () -> SyncEngine.restView("visits"));
  }

  @Test
  void kindsAreListedWithoutAnEngineInOrderOfDependence() {
    NativeLibrary.load(TestConfig.NATIVE);
    Map<String, SyncKind> kinds = new LinkedHashMap<>();
    SyncEngine.kinds().forEach(kind -> kinds.put(kind.category(), kind));
    List<String> order = new ArrayList<>(kinds.keySet());
    assertTrue(order.indexOf("location") < order.indexOf("patient"), order.toString());
    assertFalse(kinds.containsKey("person_address"), "a part is no object of its own");
    assertEquals("Patient", kinds.get("patient").fhirType());
    assertEquals("patient", kinds.get("patient").restResource());
    assertTrue(kinds.get("patient").isPatientData());
    assertNull(kinds.get("visittype").fhirType());
    assertFalse(kinds.get("visittype").isPatientData());
  }

  @Test
  void anEngineWithoutAHostOrWithAnUnknownDatabaseIsRefused() {
    assertThrows(
        SyncConfigurationException.class, () -> SyncEngine.open(config(), null, TestConfig.NATIVE));
    RecordingHost oracle =
        new RecordingHost() {
          @Override
          public String databaseProduct() {
            return "Oracle";
          }
        };
    SyncConfigurationException thrown =
        assertThrows(
            SyncConfigurationException.class,
            () -> SyncEngine.open(config(), oracle, TestConfig.NATIVE));
    assertTrue(thrown.getMessage().contains("Oracle"), thrown.getMessage());
  }

  @Test
  void aClosedEngineRefusesEverything() throws SQLException {
    SyncEngine engine = open(h2Host());
    engine.close();
    List<Executable> calls = new ArrayList<>();
    calls.add(engine::close);
    calls.add(engine::pull);
    calls.add(() -> engine.pullObject("patient", "p"));
    calls.add(engine::connectionTest);
    calls.add(engine::preflight);
    calls.add(engine::status);
    calls.add(engine::cancel);
    calls.add(() -> engine.audit(new AuditQuery()));
    calls.add(() -> engine.runs(1, 0));
    calls.add(() -> engine.parked(1, 0));
    calls.add(() -> engine.conflicts(1, 0));
    calls.add(engine::markers);
    calls.add(() -> engine.retry(Collections.singleton("x")));
    for (Executable call : calls) {
      assertThrows(SyncClosedException.class, call);
    }
  }

  @Test
  void madeUpHandlesAreRefused() throws SQLException {
    try (SyncEngine engine = open(h2Host())) {
      for (long handle : new long[] {0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
        assertThrows(
            SyncClosedException.class,
            () -> Native.perform(handle, "6f1f0b0e-3c55-4a0e-9d5c-0f6f2f0a9a11"));
        assertThrows(SyncClosedException.class, () -> Native.close(handle));
      }
      assertNotNull(engine.status());
    }
  }

  @Test
  void theListsOfAFreshEngineAreEmptyAndTheirPagesBounded() throws SQLException {
    try (SyncEngine engine = open(h2Host())) {
      for (byte[] list :
          new byte[][] {engine.runs(1000, 0), engine.parked(10, 0), engine.conflicts(10, 0)}) {
        assertEquals("[]", new String(list));
      }
      assertEquals(
          "{\"messages\":[],\"next\":null,\"lookedBackTo\":null}",
          new String(engine.audit(new AuditQuery())));
      assertThrows(SyncConfigurationException.class, () -> engine.runs(1001, 0));
      assertThrows(SyncConfigurationException.class, () -> engine.runs(0, 0));
      assertThrows(SyncConfigurationException.class, () -> engine.runs(1, -1));
    }
  }

  @Test
  void closeDuringAPullEndsIt() throws Exception {
    SyncEngine engine = open(h2Host());
    Future<SyncRun> pull = otherThread.submit(() -> engine.pull());
    try (Socket connection = parent.accept()) {
      assertTrue(connection.isConnected());
      engine.close();
      assertEquals("cancelled", pull.get(PATIENCE_SECONDS, TimeUnit.SECONDS).state());
    }
    assertThrows(SyncClosedException.class, engine::status);
  }

  @Test
  void cancelEndsAPullWhichIsThenARunOfThePast() throws Exception {
    try (SyncEngine engine = open(h2Host())) {
      Future<SyncRun> pull = otherThread.submit(() -> engine.pull());
      try (Socket connection = parent.accept()) {
        assertTrue(connection.isConnected());
        assertTrue(engine.status().running());
        assertThrows(SyncAlreadyRunningException.class, engine::pull);
        engine.cancel();
        SyncRun run = pull.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertEquals("cancelled", run.state());
        assertFalse(engine.status().running());
        assertEquals(run.id(), engine.status().pull().id());
        assertEquals(run.id(), Json.read(engine.run(run.id()), SyncRun.class).id());
        assertEquals(run.id(), Json.tree(engine.runs(10, 0)).get(0).get("id").asText());
      }
    }
  }

  @Test
  void aRunIsKnownByItsIdBeforeItBegins() throws Exception {
    try (OnePatientParent one = new OnePatientParent();
        SyncEngine engine =
            SyncEngine.open(TestConfig.forParent(one.url()), h2Host(), TestConfig.NATIVE)) {
      String id = engine.announce("pull");
      assertEquals("running", Json.tree(engine.run(id)).get("state").asText());
      assertThrows(SyncAlreadyRunningException.class, engine::pull);
      assertEquals(id, engine.perform(id).id());
      assertEquals("completed", Json.tree(engine.run(id)).get("state").asText());
      for (String wrong : new String[] {"", "run-1", id.toUpperCase(Locale.ROOT), null}) {
        assertThrows(SyncConfigurationException.class, () -> engine.perform(wrong), wrong);
      }
      assertThrows(SyncNotFoundException.class, () -> engine.perform(id));
      assertEquals(1, Json.tree(engine.runs(10, 0)).size());
    }
  }

  @Test
  void aRunThatNobodyPerformsMakesWayForTheNext() throws Exception {
    try (SyncEngine engine = open(h2Host())) {
      SyncRuns runs =
          SyncRuns.pulls(
              engine,
              work -> {
                throw new RejectedExecutionException();
              });
      assertThrows(SyncClosedException.class, runs::start);
      engine.withdraw(engine.announce("pull"), "nobody has time");
      String id = engine.announce("pull");
      engine.withdraw(id, "nobody has time");
      JsonNode run = Json.tree(engine.run(id));
      assertEquals("cancelled", run.get("state").asText());
      assertEquals("nobody has time", run.get("error").get("message").asText());
    }
  }

  @Test
  void oneObjectIsPulledByItsName() throws Exception {
    try (OnePatientParent one = new OnePatientParent();
        SyncEngine engine =
            SyncEngine.open(TestConfig.forParent(one.url()), h2Host(), TestConfig.NATIVE)) {
      SyncRun run = engine.pullObject("patient", OnePatientParent.UUID);
      assertEquals("object completed", run.kind() + " " + run.state());
      assertEquals(Collections.singletonMap("APPLIED", 1L), run.counts());
      assertEquals("[]", new String(engine.markers(), UTF_8));
      assertThrows(SyncConfigurationException.class, () -> engine.pullObject("unicorn", "u"));
      assertThrows(SyncConfigurationException.class, () -> engine.pullObject("location", "l"));
      assertThrows(
          SyncConfigurationException.class, () -> engine.pullObject("patient", "../status"));
    }
  }

  @Test
  void pulledEventIsInTheAuditAndTheMarker() throws Exception {
    try (OnePatientParent one = new OnePatientParent();
        SyncEngine engine =
            SyncEngine.open(TestConfig.forParent(one.url()), h2Host(), TestConfig.NATIVE)) {
      SyncRun run = engine.pull();
      assertEquals(Collections.singletonMap("APPLIED", 1L), run.counts());
      AuditQuery query =
          new AuditQuery()
              .direction("pull")
              .category("patient")
              .objectUuid(OnePatientParent.UUID)
              .status("APPLIED")
              .runId(run.id())
              .from(0)
              .until(Long.MAX_VALUE)
              .limit(10);
      JsonNode messages = Json.tree(engine.audit(query)).get("messages");
      assertEquals(1, messages.size());
      String uuid = messages.get(0).get("uuid").asText();
      JsonNode message = Json.tree(engine.auditMessage(uuid));
      assertEquals(OnePatientParent.UUID, message.get("objectUuid").asText());
      assertEquals(0, message.get("attempts").size());
      assertNull(engine.auditMessage("none"));
      assertEquals(0, Json.tree(engine.audit(query.status("PARKED"))).get("messages").size());
      JsonNode marker = Json.tree(engine.markers()).get(0);
      assertEquals("patient", marker.get("feed").asText());
      assertEquals("tag:atomfeed.ict4h.org:1", marker.get("entryId").asText());
      assertThrows(
          SyncConfigurationException.class, () -> engine.audit(new AuditQuery().status("UNKNOWN")));
    }
  }

  @Test
  void theConnectionTestSaysWhatIsWell() throws Exception {
    try (OnePatientParent one = new OnePatientParent();
        SyncEngine engine =
            SyncEngine.open(TestConfig.forParent(one.url()), h2Host(), TestConfig.NATIVE)) {
      SyncConnectionTest test = engine.connectionTest();
      assertTrue(test.ok());
      assertEquals("dns", test.checks().get(0).name());
      assertTrue(
          test.checks().stream()
              .anyMatch(
                  check -> check.name().equals("feed") && check.category().equals("patient")));
      assertNotNull(test.clockDifferenceMs());
    }
  }

  @Test
  void thePreflightSaysOfEachCheckWhatItFound() throws Exception {
    try (OnePatientParent one = new OnePatientParent();
        SyncEngine engine =
            SyncEngine.open(TestConfig.forParent(one.url()), h2Host(), TestConfig.NATIVE)) {
      SyncPreflight preflight = engine.preflight();
      assertEquals("reach", preflight.checks().get(0).check());
      assertEquals("ok", preflight.checks().get(0).result());
      assertEquals("", preflight.checks().get(0).todo());
      assertTrue(preflight.checks().stream().allMatch(check -> !check.what().isEmpty()));
    }
  }

  @Test
  void aCallbackCanAskForTheStatusAndCancelButNotWaitForItself() throws Exception {
    AtomicReference<SyncEngine> engine = new AtomicReference<>();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    SyncHost host =
        new ForwardingHost(h2Host()) {
          @Override
          public void begin() throws Exception {
            if (engine.get() != null) {
              checkReentrance(engine.getAndSet(null), failure);
            }
            super.begin();
          }
        };
    try (SyncEngine opened = open(host)) {
      engine.set(opened);
      otherThread.submit(() -> opened.pull()).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      assertNull(engine.get(), "the callback was called");
      assertNull(failure.get(), () -> String.valueOf(failure.get()));
    }
  }

  private static void checkReentrance(SyncEngine engine, AtomicReference<Throwable> failure) {
    try {
      assertNotNull(engine.status());
      assertThrows(SyncAlreadyRunningException.class, engine::pull);
      assertThrows(SyncAlreadyRunningException.class, engine::connectionTest);
      assertThrows(SyncAlreadyRunningException.class, () -> engine.runs(1, 0));
      assertThrows(SyncAlreadyRunningException.class, engine::close);
      engine.cancel();
    } catch (AssertionError e) {
      failure.set(e);
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void twoHundredEnginesLeaveNoThread() throws Exception {
    JdbcHost host = h2Host();
    for (int round = 0; round < 200; round++) {
      SyncEngine engine = open(host);
      if (round == 0) {
        assertTrue(runtimeThreads() > 0, "an open engine has threads, or this test proves nothing");
      }
      engine.close();
    }
    assertEquals(0, runtimeThreads());
  }

  @Test
  void aClosedEngineLetsGoOfItsHost() throws Exception {
    SyncHost host = h2Host();
    SyncEngine engine = open(host);
    WeakReference<SyncHost> reference = new WeakReference<>(host);
    host = null;
    System.gc();
    assertNotNull(reference.get(), "an open engine holds its host, or this test proves nothing");
    engine.close();
    assertCollected(reference);
  }

  private static void assertCollected(WeakReference<?> reference) throws InterruptedException {
    for (int attempt = 0; attempt < 100 && reference.get() != null; attempt++) {
      System.gc();
      TimeUnit.MILLISECONDS.sleep(20);
    }
    assertNull(reference.get());
  }

  private String config() {
    return TestConfig.forParent(parent.getLocalPort());
  }

  private SyncEngine open(SyncHost host) {
    return SyncEngine.open(config(), host, TestConfig.NATIVE);
  }

  private static JdbcHost h2Host() throws SQLException {
    return new JdbcHost(TestDatabases.h2());
  }

  /** The threads of this process that the native library started. */
  private static long runtimeThreads() throws IOException {
    try (Stream<Path> threads = Files.list(Paths.get("/proc/self/task"))) {
      return threads
          .map(SyncEngineTest::threadName)
          .filter(name -> name.startsWith("sync2") || name.startsWith("tokio"))
          .collect(Collectors.counting());
    }
  }

  private static String threadName(Path thread) {
    try {
      return new String(Files.readAllBytes(thread.resolve("comm")));
    } catch (IOException e) {
      return "ended just now";
    }
  }
}
