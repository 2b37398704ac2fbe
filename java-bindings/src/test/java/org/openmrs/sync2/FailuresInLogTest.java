package org.openmrs.sync2;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.SQLException;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.openmrs.sync2.jdbc.JdbcHost;
import org.openmrs.sync2.jdbc.TestDatabases;

/** What OpenMRS, its modules and a database say when they fail does not reach the log. */
class FailuresInLogTest {

  /** A name, a diagnosis, and a line that nobody logged. */
  private static final String SAID = "Nakato has B24\n2026-11-30 ERROR forged";

  private static final String[] HOST_CALLS = {
    "begin", "commit", "save", "record", "read", "exists", "lock", "expectReads", "clear", "query"
  };

  private static RuntimeException failure() {
    return new IllegalStateException(SAID, new SQLException(SAID, "23000", 1062));
  }

  /** A host of which one call fails, once that is asked for. */
  private static final class Failing {
    final SyncHost host;
    volatile boolean fails;

    Failing(String call) throws Exception {
      SyncHost good = new JdbcHost(TestDatabases.h2());
      this.host =
          (SyncHost)
              Proxy.newProxyInstance(
                  FailuresInLogTest.class.getClassLoader(),
                  new Class<?>[] {SyncHost.class},
                  (proxy, method, arguments) -> {
                    if (fails && method.getName().equals(call)) {
                      throw failure();
                    }
                    try {
                      return method.invoke(good, arguments);
                    } catch (InvocationTargetException e) {
                      throw e.getCause();
                    }
                  });
    }
  }

  private static String logOf(Callable<?> work) throws Exception {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream before = System.err;
    System.setErr(new PrintStream(printed, true, "UTF-8"));
    try {
      work.call();
    } catch (SyncException e) {
      // It is about what is logged.
    } finally {
      System.setErr(before);
    }
    return printed.toString("UTF-8");
  }

  private static void assertSaysNothing(String log, String what) {
    for (String said : new String[] {"Nakato", "B24", "forged"}) {
      assertFalse(log.contains(said), what + ": " + log);
    }
  }

  @Test
  void pullWhoseHostFailsSaysOfItItsKindOnly() throws Exception {
    StringBuilder all = new StringBuilder();
    for (String call : HOST_CALLS) {
      Failing failing = new Failing(call);
      try (OnePatientParent parent = new OnePatientParent();
          SyncEngine engine =
              SyncEngine.open(
                  TestConfig.forParent(parent.url()), failing.host, TestConfig.NATIVE)) {
        failing.fails = true;
        String log = logOf(engine::pull);
        assertSaysNothing(log, call);
        all.append(log);
        failing.fails = false;
      }
    }
    assertTrue(all.toString().contains(" is parked: Host"), all.toString());
  }

  @Test
  void exchangeWhoseHostFailsSaysOfItItsKindOnly() throws Exception {
    String root =
        "{\"pull\": {\"enabled\": false},"
            + " \"exchange\": {\"children\": {\"child\": {\"write\": [\"*\"]}}}}";
    for (String call : HOST_CALLS) {
      Failing failing = new Failing(call);
      try (SyncEngine engine = SyncEngine.open(root, failing.host, TestConfig.NATIVE)) {
        failing.fails = true;
        assertSaysNothing(
            logOf(() -> apply(new SyncExchange(new TestNode(engine, Runnable::run)))), call);
        failing.fails = false;
      }
    }
  }

  private static Object apply(SyncExchange exchange) throws Exception {
    Map<String, String> headers = new HashMap<>();
    headers.put("Content-Type", SyncExchange.MEDIA_TYPE);
    headers.put("X-Sync2", "1");
    headers.put(SyncExchange.NODE_HEADER, "child-node");
    String line =
        "{\"category\":\"encounter_type\",\"representation\":\"rest\",\"action\":\"CREATED\",\"canonicalVersion\":4,\"uuid\":\"t\",\"document\":{\"uuid\":\"t\",\"name\":\"T\"}}\n";
    Set<String> allowed = Collections.singleton(SyncExchange.EXCHANGE);
    ByteArrayInputStream body = new ByteArrayInputStream(line.getBytes(UTF_8));
    exchange.handle(
        new SyncExchange.Request("POST", "objects/apply", headers::get, body)
            .user("child", allowed),
        new SyncExchange.Answer() {
          @Override
          public void begin(int status, Map<String, String> answered) {}

          @Override
          public OutputStream body() {
            return new ByteArrayOutputStream();
          }
        });
    return null;
  }

  @Test
  void loggedFailureHasClassesAndPlacesAndNoWords() {
    StringWriter stack = new StringWriter();
    LoggedFailure.of(failure()).printStackTrace(new PrintWriter(stack, true));
    assertSaysNothing(stack.toString(), "the stack");
    assertTrue(stack.toString().contains("at org.openmrs.sync2.FailuresInLogTest.failure("));
    assertTrue(stack.toString().contains("Caused by: java.sql.SQLException (23000/1062)"));
    assertEquals(
        "java.lang.IllegalStateException, because of java.sql.SQLException (23000/1062)",
        LoggedFailure.words(failure()));
  }

  @Test
  void messageOfThisProgramIsLoggedInOneLine() {
    SyncException wrong = SyncException.of("Configuration", "parent.url:\nis none", null, -1);
    assertEquals("parent.url: is none", LoggedFailure.words(wrong));
    SyncException refused = SyncException.of("Rejected", SAID, null, -1);
    assertSaysNothing(LoggedFailure.words(refused), "a refusal");
  }
}
