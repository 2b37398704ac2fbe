package org.openmrs.sync2.system;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.openmrs.sync2.SyncEngine;
import org.openmrs.sync2.SyncHost;
import org.openmrs.sync2.SyncRun;
import org.openmrs.sync2.jdbc.JdbcHost;
import org.openmrs.sync2.jdbc.MariaDbServer;
import org.openmrs.sync2.node.demo.DemoParts.GeneratedData;

/**
 * A child with the smallest host over MariaDB: {@code kill -9} at random moments of one long pull,
 * of each of the three processes that take part in it, and an edit at the worst moment. The moments
 * come from a seed, see {@link Seed}.
 */
class LightPullTest {

  private static final int PATIENTS = 80;
  private static final int CHANGED_PATIENTS = 20;

  private static final int CHILD_KILLS = 25;
  private static final int CHILD_KILLS_BETWEEN_COMMITS = 20;
  private static final int PARENT_KILLS = 3;
  private static final int DATABASE_KILLS = 4;

  /** The most commits that are waited for before a kill, and then the most microseconds. */
  private static final int MOST_COMMITS = 3;

  private static final int MOST_MICROS = 50_000;

  @TempDir static Path directory;

  private static NodeProcess parent;
  private static MariaDbServer server;

  private Random random;
  private String name;
  private DataSource source;
  private LightDatabase database;
  private int children;

  @BeforeAll
  static void start() throws Exception {
    server = MariaDbServer.start();
    parent = NodeProcess.root("light-parent", directory);
    parent.load(new GeneratedData(1, PATIENTS));
    NodeHttp http = parent.http();
    List<ObjectNode> patients = List.copyOf(http.objects("patient").values());
    for (ObjectNode patient : patients.subList(0, CHANGED_PATIENTS)) {
      http.put(patient.put("gender", "unknown").put("language", "eo"));
    }
  }

  @AfterAll
  static void stop() throws Exception {
    if (parent != null) {
      parent.close();
    }
    if (server != null) {
      server.close();
    }
  }

  @BeforeEach
  void newChild(TestInfo test) throws Exception {
    name = test.getTestMethod().orElseThrow().getName().toLowerCase(Locale.ROOT);
    random = Seed.random(name);
    source = server.database(name);
    database = new LightDatabase(source);
    String config = NodeProcess.pullConfig(parent.url()).toString();
    Files.writeString(directory.resolve("config.json"), config);
  }

  @Test
  void killedChildGoesOn() throws Exception {
    List<Long> passed = new ArrayList<>();
    for (int kill = 0; kill < CHILD_KILLS; kill++) {
      try (LightProcess child = pulling()) {
        awaitRandomMoment(child);
        child.kill();
      }
      passed.add(database.passedEvents());
    }
    completes();
    long all = database.passedEvents();
    long between = passed.stream().filter(events -> events > 0 && events < all).count();
    System.out.println("child: events passed at each kill " + passed + " of " + all);
    assertTrue(between >= CHILD_KILLS_BETWEEN_COMMITS, between + " kills between commits");
    assertNothingLostAndNothingTwice();
  }

  @Test
  void killedParentConsumesNothing() throws Exception {
    for (int kill = 0; kill < PARENT_KILLS; kill++) {
      try (LightProcess child = pulling()) {
        awaitRandomMoment(child);
        parent.kill();
        assertEquals("interrupted Unreachable", child.awaitEnd());
      } finally {
        parent.start();
      }
      System.out.println("parent: killed at " + database.passedEvents() + " events");
      assertEquals(0, database.parked());
    }
    completes();
    assertNothingLostAndNothingTwice();
  }

  @Test
  void killedDatabaseLosesNothing() throws Exception {
    for (int kill = 0; kill < DATABASE_KILLS; kill++) {
      try (LightProcess child = pulling()) {
        awaitRandomMoment(child);
        server.kill();
        assertEquals("interrupted Host", child.awaitEnd());
      } finally {
        server.restart();
      }
      System.out.println("database: killed at " + database.passedEvents() + " events");
    }
    completes();
    assertNothingLostAndNothingTwice();
  }

  @Test
  void editBetweenDecisionAndSaveStands() throws Exception {
    String config = pullOf("organization");
    NodeHttp theirs = parent.http();
    ObjectNode organization = theirs.objects("organization").values().iterator().next();
    String uuid = organization.get("id").asText();
    pull(config, new JdbcHost(source));

    change(organization.put("name", "Changed there"));
    byte[] edited = organization.deepCopy().put("name", "Edited here").toString().getBytes(UTF_8);
    EditingHost host = new EditingHost(new JdbcHost(source), source, uuid, edited);
    pull(config, host);
    host.awaitEdit();
    assertArrayEquals(edited, database.document(uuid));

    change(organization.put("name", "Changed again"));
    assertEquals(Map.of("CONFLICT", 1L), pull(config, new JdbcHost(source)).counts());
    assertArrayEquals(edited, database.document(uuid));
  }

  private static String pullOf(String category) {
    ObjectNode config = NodeProcess.pullConfig(parent.url());
    config.putObject("categories").putObject(category);
    return config.toString();
  }

  private static SyncRun pull(String config, SyncHost host) {
    try (SyncEngine engine = SyncEngine.open(config, host, directory.resolve("native"))) {
      return engine.pull();
    }
  }

  /** Changes an organization at the parent, and waits until its feed says so. */
  private static void change(ObjectNode organization) throws Exception {
    NodeHttp http = parent.http();
    int before = http.eventIds("organization").size();
    http.put(organization);
    Await.until("the event", () -> http.eventIds("organization").size(), events -> events > before);
  }

  /** A child that has opened its engine and pulls, or is about to. */
  private LightProcess pulling() throws Exception {
    return LightProcess.start(
        name + "-" + children++, LightChild.class, server.url(name), directory);
  }

  private void awaitRandomMoment(LightProcess child) throws InterruptedException {
    child.awaitMoment(1 + random.nextInt(MOST_COMMITS), random.nextInt(MOST_MICROS));
  }

  private void completes() throws Exception {
    try (LightProcess child = pulling()) {
      assertEquals("completed", child.awaitEnd());
      assertEquals(0, child.awaitExit());
    }
  }

  private void assertNothingLostAndNothingTwice() throws Exception {
    System.out.println(name + ": " + database.statuses());
    NodeHttp theirs = parent.http();
    database.assertHoldsWhatTheParentHas(theirs);
    database.assertAuditsEachEventOnce(theirs);
    database.assertSavedAsOftenAsAudited();
  }
}
