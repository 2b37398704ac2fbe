package org.openmrs.module.sync2.capture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.nio.file.Paths;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.hibernate.Session;
import org.hibernate.SessionFactory;
import org.hibernate.cfg.AvailableSettings;
import org.hibernate.cfg.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openmrs.sync2.ListeningStep;
import org.openmrs.sync2.SyncEngine;
import org.openmrs.sync2.SyncGap;
import org.openmrs.sync2.jdbc.JdbcHost;
import org.openmrs.sync2.jdbc.JdbcStatements;
import org.openmrs.sync2.jdbc.TestDatabases;

/** What is found of the time when nobody listened, with a real Hibernate, database and engine. */
class ListeningTest {

  private static final Path NATIVE = Paths.get("build", "native-unpacked");
  private static final Object[] NONE = {};
  private static final String ROOT = "{\"pull\": {\"enabled\": false}}";

  private DataSource database;
  private SessionFactory sessions;
  private ServerOutbox outbox;
  private SyncEngine engine;

  @BeforeEach
  void open() throws SQLException {
    database = TestDatabases.h2();
    engine = SyncEngine.open(ROOT, new JdbcHost(database), NATIVE);
    outbox = new ServerOutbox(() -> NATIVE, Clock.systemUTC());
    Configuration configuration =
        new Configuration().addResource("org/openmrs/module/sync2/capture/entities.hbm.xml");
    configuration.getProperties().put(AvailableSettings.DATASOURCE, database);
    configuration.setProperty(AvailableSettings.HBM2DDL_AUTO, "create");
    sessions = configuration.buildSessionFactory();
  }

  @AfterEach
  void close() {
    sessions.close();
    engine.close();
  }

  @Test
  void aServerThatHadObjectsBeforeSaysSinceWhenItsFeedTells() throws SQLException {
    commit(session -> save(session, "Location", 1, "uuid", "ward", "dateCreated", daysAgo(400)));
    commit(session -> save(session, "Patient", 2, "uuid", "p2", "personDateCreated", daysAgo(4)));
    listening().keep();
    assertTrue(warnings().contains("the 2 objects that are older"), warnings());
    assertEquals(Collections.emptyList(), told());

    // They are not counted again, and what came meanwhile is not older.
    commit(session -> save(session, "Location", 3, "uuid", "theatre", "dateCreated", daysAgo(0)));
    listening().keep();
    assertTrue(warnings().contains("the 2 objects that are older"), warnings());
  }

  @Test
  void changeWhileItWasOffIsToldAtTheNextStart() throws SQLException {
    commit(
        session -> {
          save(session, "Location", 1, "uuid", "old", "dateCreated", daysAgo(400));
          save(session, "Location", 2, "uuid", "gone", "dateCreated", daysAgo(400));
          save(session, "Patient", 3, "uuid", "p3", "personDateCreated", daysAgo(400));
          save(session, "Person", 4, "uuid", "p4", "personDateCreated", daysAgo(400));
        });
    listenedUntil(daysAgo(2));
    commit(
        session -> {
          Map<String, Object> retired = entity(session, "Location", 2);
          retired.put("retired", true);
          retired.put("dateRetired", daysAgo(1));
          save(session, "Location", 5, "uuid", "new", "dateCreated", daysAgo(1));
          save(session, "Location", 6, "uuid", "later", "dateChanged", daysAgo(-1));
          Object patient = entity(session, "Patient", 3);
          save(session, "PersonName", 7, "person", patient, "dateChanged", daysAgo(1));
          entity(session, "Person", 4).put("personDateChanged", daysAgo(1));
        });
    listening().keep();
    assertEquals(
        Arrays.asList(
            "location/gone RETIRED null gone",
            "location/new CREATED null new",
            "patient/p3 UPDATED p3 null",
            "person/p4 UPDATED null null"),
        told());
    assertTrue(notes().contains("4 were found afterwards"), notes());
    assertTrue(notes().contains("deleted"), notes());
  }

  @Test
  void aSearchThatStopsGoesOnWhereItWas() throws SQLException {
    listenedUntil(daysAgo(2));
    commit(
        session -> {
          for (int id = 1; id <= 25; id++) {
            save(session, "Location", id, "uuid", "l" + id, "dateCreated", daysAgo(1));
          }
        });
    SyncGap gap = engine.listening(ListeningStep.begins(System.currentTimeMillis())).gap();
    assertFalse(search().search(gap, engine::listening, () -> toldCount() < 20));
    assertEquals(20, toldCount());

    gap = engine.listening(ListeningStep.listens(System.currentTimeMillis())).gap();
    assertEquals(20, gap.passed());
    assertEquals(20, gap.found());
    assertTrue(search().search(gap, engine::listening, () -> true));
    assertEquals(25, toldCount());
  }

  @Test
  void anEngineWithAnotherConfigurationSearchesNothing() throws SQLException {
    Listening listening = listening();
    listening.keep();
    // Noted when it was made, which is not shown here: only what is searched is told.
    commit(session -> save(session, "Location", 1, "uuid", "ward", "dateCreated", daysAgo(0)));
    listening.stop();
    listening = listening.continuedWith(engine);
    listening.keep();
    assertEquals(Collections.emptyList(), told());
    assertFalse(notes().contains("not noticed"), notes());
  }

  @Test
  void changeMissedInTroubleIsFoundWhenItIsOver() throws SQLException {
    new ChangeListener(sessions, outbox).listen();
    Listening listening = listening();
    listening.keep();
    statement("ALTER TABLE sync2_outbox RENAME TO elsewhere");
    commit(session -> save(session, "Location", 1, "uuid", "ward", "dateCreated", daysAgo(0)));
    listening.keep();
    assertTrue(outbox.problem().get().contains("1 since"), outbox.problem().get());

    statement("ALTER TABLE elsewhere RENAME TO sync2_outbox");
    listening.keep();
    assertEquals(Arrays.asList("location/ward CREATED null ward"), told());
    assertFalse(outbox.problem().isPresent());
  }

  @Test
  void changeMissedBetweenLastTickAndStopIsFoundAtTheNextStart() throws SQLException {
    new ChangeListener(sessions, outbox).listen();
    Listening listening = listening();
    listening.keep();
    statement("ALTER TABLE sync2_outbox RENAME TO elsewhere");
    commit(session -> save(session, "Location", 1, "uuid", "ward", "dateCreated", daysAgo(0)));
    listening.stop();

    statement("ALTER TABLE elsewhere RENAME TO sync2_outbox");
    outbox = new ServerOutbox(() -> NATIVE, Clock.systemUTC());
    listening().keep();
    assertEquals(Arrays.asList("location/ward CREATED null ward"), told());
  }

  @Test
  void changeDatedLaterThanNowAfterTheClockWasSetBackIsFound() throws SQLException {
    listenedUntil(daysAgo(2));
    engine.listening(ListeningStep.listens(daysAgo(-365).getTime()));
    // While it was off, before and after the clock was set.
    commit(session -> save(session, "Location", 1, "uuid", "before", "dateCreated", daysAgo(-366)));
    commit(session -> save(session, "Location", 2, "uuid", "after", "dateCreated", daysAgo(0)));
    listening().keep();
    assertEquals(
        Arrays.asList("location/after CREATED null after", "location/before CREATED null before"),
        told());
    assertTrue(notes().contains("by a clock that was set back"), notes());
  }

  @Test
  void changeMissedInTroubleIsFoundThoughTheClockWasSet() throws SQLException {
    int id = 0;
    for (int days : new int[] {365, -365}) {
      int location = ++id;
      outbox = new ServerOutbox(() -> NATIVE, clock(days));
      Listening listening = new Listening(engine, outbox, search(), clock(0));
      listening.keep();
      outbox.missed(new IllegalStateException("the disk is full"));
      commit(
          session ->
              save(
                  session,
                  "Location",
                  location,
                  "uuid",
                  "l" + days,
                  "dateCreated",
                  daysAgo(-days)));
      listening.keep();
      assertEquals(Arrays.asList("location/l" + days + " CREATED null l" + days), told());
      statement("DELETE FROM sync2_outbox");
    }
  }

  @Test
  void aServerWhoseChangesAreNotHeardDoesNotSayThatItListened() throws SQLException {
    listenedUntil(daysAgo(2));
    outbox.cannotListen("this OpenMRS differs");
    listening().keep();
    commit(session -> save(session, "Location", 1, "uuid", "ward", "dateCreated", daysAgo(1)));
    outbox.listens();
    listening().keep();
    assertEquals(Arrays.asList("location/ward CREATED null ward"), told());
  }

  private Listening listening() {
    return new Listening(engine, outbox, search());
  }

  private ChangeSearch search() {
    return new ChangeSearch(sessions, outbox, 10);
  }

  private void listenedUntil(Date time) {
    engine.listening(ListeningStep.begins(time.getTime()));
    engine.listening(ListeningStep.counted(0));
  }

  private static Clock clock(int daysAhead) {
    return Clock.offset(Clock.systemUTC(), Duration.ofDays(daysAhead));
  }

  private static Date daysAgo(int days) {
    return new Date(System.currentTimeMillis() - TimeUnit.DAYS.toMillis(days));
  }

  private String warnings() {
    return String.join("\n", engine.status().warnings());
  }

  private String notes() {
    return engine.status().notes().stream()
        .map(note -> note.message())
        .collect(Collectors.joining("\n"));
  }

  private int toldCount() {
    try {
      return told().size();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private List<String> told() throws SQLException {
    String statement =
        "SELECT category, object_uuid, event_action, patient_uuid, location_uuid FROM sync2_outbox"
            + " ORDER BY category, object_uuid";
    List<String> told = new ArrayList<>();
    try (Connection connection = database.getConnection()) {
      for (Object[] row : JdbcStatements.query(connection, statement, NONE)) {
        told.add(row[0] + "/" + row[1] + " " + row[2] + " " + row[3] + " " + row[4]);
      }
    }
    return told;
  }

  private void statement(String statement) throws SQLException {
    try (Connection connection = database.getConnection()) {
      JdbcStatements.update(connection, statement, NONE);
    }
  }

  private void commit(Consumer<Session> work) {
    try (Session session = sessions.openSession()) {
      session.beginTransaction();
      work.accept(session);
      session.getTransaction().commit();
    }
  }

  private static Map<String, Object> save(
      Session session, String entity, int id, Object... content) {
    Map<String, Object> map = new HashMap<>();
    map.put("$type$", "org.openmrs." + entity);
    map.put("id", id);
    for (int index = 0; index < content.length; index += 2) {
      map.put((String) content[index], content[index + 1]);
    }
    session.save("org.openmrs." + entity, map);
    return map;
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> entity(Session session, String entity, int id) {
    return (Map<String, Object>) session.get("org.openmrs." + entity, id);
  }
}
