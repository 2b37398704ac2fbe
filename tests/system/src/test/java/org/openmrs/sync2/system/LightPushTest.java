package org.openmrs.sync2.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.openmrs.sync2.Change.Action;
import org.openmrs.sync2.SyncEngine;
import org.openmrs.sync2.jdbc.JdbcHost;
import org.openmrs.sync2.jdbc.MariaDbServer;

/**
 * A child and a parent with the smallest host over MariaDB: {@code kill -9} at random moments of
 * one long push, of each of the processes that take part in it. The moments come from a seed, see
 * {@link Seed}.
 */
class LightPushTest {

  private static final int BATCH = 5;

  /**
   * Every so many patients one is changed again: its second event tells of what is there already.
   */
  private static final int CHANGED = 5;

  private static final int PATIENTS = 100;

  /** Enough for all the kills. */
  private static final int PATIENTS_OF_KILLED_CHILD = 6 * PATIENTS;

  private static final int CHILD_KILLS = 25;
  private static final int CHILD_KILLS_BETWEEN_ANSWERS = 20;
  private static final int PARENT_KILLS = 3;
  private static final int DATABASE_KILLS = 4;

  /**
   * The most commits that are waited for before a kill, and then the most microseconds: a few
   * batches, so that some kills come after the parent has committed and before the child has.
   */
  private static final int MOST_COMMITS = 2;

  private static final int MOST_MICROS = 40_000;

  @TempDir static Path directory;

  private static MariaDbServer server;

  /** The parent's own: the child's is killed alone. */
  private static MariaDbServer parentServer;

  private Random random;
  private String name;
  private LightWriter writer;
  private LightDatabase database;
  private LightDatabase parentDatabase;
  private JavaProcess parent;
  private int parentPort;
  private int children;

  @BeforeAll
  static void startDatabases() throws Exception {
    server = MariaDbServer.start();
    parentServer = MariaDbServer.start();
  }

  @AfterAll
  static void stopDatabases() throws Exception {
    for (MariaDbServer started : new MariaDbServer[] {server, parentServer}) {
      if (started != null) {
        started.close();
      }
    }
  }

  @BeforeEach
  void newNodes(TestInfo test) throws Exception {
    // The other class, which may run beside this one, has tests of the same names.
    name = "push_" + test.getTestMethod().orElseThrow().getName().toLowerCase(Locale.ROOT);
    random = Seed.random(name);
    parentDatabase = new LightDatabase(parentServer.database(name));
    parentPort = FreePort.take();
    startParent();

    DataSource source = server.database(name);
    database = new LightDatabase(source);
    String config = config();
    Files.writeString(directory.resolve("config.json"), config);
    // Makes the tables.
    SyncEngine.open(config, new JdbcHost(source), directory.resolve("native")).close();
    writer = new LightWriter(source);
  }

  /** Starts it, again when there was one, which may have failed to be killed. */
  private void startParent() throws Exception {
    stopParent();
    parent =
        JavaProcess.start(
            name + "-parent",
            LightParent.class,
            parentServer.url(name),
            Integer.toString(parentPort),
            directory.resolve("native").toString());
    parent.awaitLine(LightParent.LISTENING::equals).orElseThrow();
  }

  @AfterEach
  void stopParent() {
    if (parent != null) {
      parent.close();
    }
  }

  private String config() {
    ObjectNode config = NodeProcess.pullConfig(LightParent.url(parentPort));
    config.putObject("pull").put("enabled", false);
    config.putObject("push").put("enabled", true);
    config.withObject("/transfer").put("batchSize", BATCH);
    ObjectNode categories = config.putObject("categories");
    categories.putObject("patient");
    categories.putObject("encounter");
    return config.toString();
  }

  /** Each patient with an encounter, which refers to it; later some patients once more. */
  private void write(int patients) throws Exception {
    for (int number = 0; number < patients; number++) {
      writer.save(Action.CREATED, patient(number), encounter(number));
    }
    for (int number = 0; number < patients; number += CHANGED) {
      writer.save(Action.UPDATED, patient(number).put("birthDate", "1985-04-12"));
    }
  }

  private static long events(int patients) {
    return 2 * patients + patients / CHANGED;
  }

  private static ObjectNode patient(int number) {
    ObjectNode patient = resource("Patient", "patient-" + number);
    patient.putArray("name").addObject().put("family", "Family " + number);
    return patient;
  }

  private static ObjectNode encounter(int number) {
    ObjectNode encounter = resource("Encounter", "encounter-" + number).put("status", "finished");
    encounter.putObject("subject").put("reference", "Patient/patient-" + number);
    return encounter;
  }

  private static ObjectNode resource(String type, String id) {
    return NodeHttp.MAPPER.createObjectNode().put("resourceType", type).put("id", id);
  }

  @Test
  void killedChildGoesOn() throws Exception {
    write(PATIENTS_OF_KILLED_CHILD);
    List<Long> passed = new ArrayList<>();
    List<Long> unheard = new ArrayList<>();
    for (int kill = 0; kill < CHILD_KILLS; kill++) {
      try (LightProcess child = pushing()) {
        awaitRandomMoment(child);
        child.kill();
      }
      passed.add(database.passedEvents());
      unheard.add(parentDatabase.saves() - database.agreements());
    }
    completes();
    long all = events(PATIENTS_OF_KILLED_CHILD);
    long between = passed.stream().filter(events -> events > 0 && events < all).count();
    System.out.println("pushing child: events passed at each kill " + passed + " of " + all);
    System.out.println("pushing child: objects at the parent that it has not heard of " + unheard);
    assertTrue(between >= CHILD_KILLS_BETWEEN_ANSWERS, between + " kills between answers");
    assertNothingLostAndNothingTwice(PATIENTS_OF_KILLED_CHILD);
  }

  @Test
  void killedParentConsumesNothing() throws Exception {
    write(PATIENTS);
    for (int kill = 0; kill < PARENT_KILLS; kill++) {
      try (LightProcess child = pushing()) {
        awaitRandomMoment(child);
        parent.kill();
        assertEquals("interrupted Unreachable", child.awaitEnd());
      } finally {
        startParent();
      }
      System.out.println("pushed-to parent: killed at " + database.passedEvents() + " events");
      assertEquals(0, database.parked());
    }
    completes();
    assertNothingLostAndNothingTwice(PATIENTS);
  }

  @Test
  void killedDatabaseLosesNothing() throws Exception {
    write(PATIENTS);
    for (int kill = 0; kill < DATABASE_KILLS; kill++) {
      try (LightProcess child = pushing()) {
        awaitRandomMoment(child);
        server.kill();
        assertEquals("interrupted Host", child.awaitEnd());
      } finally {
        server.restart();
      }
      System.out.println("pushing database: killed at " + database.passedEvents() + " events");
    }
    completes();
    assertNothingLostAndNothingTwice(PATIENTS);
  }

  /** A child that has opened its engine and pushes, or is about to. */
  private LightProcess pushing() throws Exception {
    return LightProcess.start(
        name + "-" + children++, LightPusher.class, server.url(name), directory);
  }

  private void awaitRandomMoment(LightProcess child) throws InterruptedException {
    child.awaitMoment(1 + random.nextInt(MOST_COMMITS), random.nextInt(MOST_MICROS));
  }

  private void completes() throws Exception {
    try (LightProcess child = pushing()) {
      assertEquals("completed", child.awaitEnd());
      assertEquals(0, child.awaitExit());
    }
  }

  private void assertNothingLostAndNothingTwice(int patients) throws Exception {
    System.out.println(name + ": " + database.statuses());
    parentDatabase.assertHoldsWhatTheChildHas(database);
    parentDatabase.assertSavedOnce(2 * patients);
    database.assertPushedEachEventOnce(events(patients));
  }
}
