package org.openmrs.module.sync2.capture;

import static java.time.ZoneOffset.UTC;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.ObjectName;
import javax.sql.DataSource;
import org.hibernate.HibernateException;
import org.hibernate.Session;
import org.hibernate.SessionFactory;
import org.hibernate.action.spi.BeforeTransactionCompletionProcess;
import org.hibernate.cfg.AvailableSettings;
import org.hibernate.cfg.Configuration;
import org.hibernate.engine.spi.SessionImplementor;
import org.hibernate.internal.SessionImpl;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openmrs.sync2.SyncEngine;
import org.openmrs.sync2.jdbc.JdbcHost;
import org.openmrs.sync2.jdbc.JdbcStatements;
import org.openmrs.sync2.jdbc.TestDatabases;

/** What is in the outbox after each commit of a real Hibernate, over a real database. */
class ChangeListenerTest {

  private static final Path NATIVE = Paths.get("build", "native-unpacked");
  private static final Object[] NONE = {};
  private static final Clock AT_NOON = Clock.fixed(Instant.parse("2026-11-29T12:00:00Z"), UTC);

  private DataSource database;
  private SessionFactory sessions;
  private ServerOutbox outbox;

  @BeforeEach
  void open() throws Exception {
    database = TestDatabases.h2();
    SyncEngine.storedConfiguration(new JdbcHost(database), NATIVE);
    outbox = new ServerOutbox(() -> NATIVE, AT_NOON);
    listen("entities.hbm.xml");
  }

  private void listen(String entities) {
    Configuration configuration =
        new Configuration().addResource("org/openmrs/module/sync2/capture/" + entities);
    configuration.getProperties().put(AvailableSettings.DATASOURCE, database);
    configuration.setProperty(AvailableSettings.HBM2DDL_AUTO, "create");
    sessions = configuration.buildSessionFactory();
    new ChangeListener(sessions, outbox).listen();
  }

  @AfterEach
  void close() {
    sessions.close();
  }

  @Test
  void aPatientAndItsPartsAreOneObjectInOneTransaction() throws SQLException {
    commit(
        session -> {
          save(session, "Location", 1, "uuid", "ward", "retired", false);
          Map<String, Object> patient = savedPatient(session, 5);
          save(session, "PersonName", 6, "familyName", "Okello", "person", patient);
          Object ward = session.get("org.openmrs.Location", 1);
          save(
              session,
              "PatientIdentifier",
              7,
              "patient",
              patient,
              "location",
              ward,
              "preferred",
              true,
              "voided",
              false);
        });
    assertEquals(
        Arrays.asList(
            "location/ward CREATED null ward",
            "patient/p5 CREATED p5 ward",
            "patient/p5 UPDATED p5 ward"),
        told());
    assertEquals(1, transactions());

    forget();
    commit(session -> entity(session, "PersonName", 6).put("familyName", "Akello"));
    assertEquals(Arrays.asList("patient/p5 UPDATED p5 ward"), told());
  }

  @Test
  void aPersonWhoIsNoPatientIsAPerson() throws SQLException {
    commit(
        session -> {
          Map<String, Object> person =
              save(session, "Person", 3, "uuid", "p3", "personVoided", false);
          save(session, "PersonName", 4, "familyName", "Okello", "person", person);
        });
    assertEquals(
        Arrays.asList("person/p3 CREATED null null", "person/p3 UPDATED null null"), told());

    forget();
    commit(session -> entity(session, "Person", 3).put("personVoided", true));
    commit(session -> entity(session, "Person", 3).put("personVoided", false));
    assertEquals(
        Arrays.asList("person/p3 VOIDED null null", "person/p3 UNVOIDED null null"), told());
  }

  @Test
  void changedCollectionIsOneChangeOfItsOwner() throws SQLException {
    commit(
        session -> {
          save(session, "Location", 1, "uuid", "ward", "retired", false);
          save(session, "LocationTag", 2);
        });
    forget();
    commit(session -> tags(session).add(entity(session, "LocationTag", 2)));
    assertEquals(Arrays.asList("location/ward UPDATED null ward"), told());

    forget();
    commit(
        session ->
            save(
                session,
                "LocationAttribute",
                9,
                "text",
                "x",
                "location",
                session.load("org.openmrs.Location", 1)));
    assertEquals(Arrays.asList("location/ward UPDATED null ward"), told());
  }

  @SuppressWarnings("unchecked")
  private static Set<Object> tags(Session session) {
    return (Set<Object>) entity(session, "Location", 1).get("tags");
  }

  @Test
  void deletedObjectIsToldThoughItCannotBeFoundAnyMore() throws SQLException {
    commit(session -> save(session, "Location", 1, "uuid", "ward", "retired", false));
    forget();
    commit(session -> session.delete(entity(session, "Location", 1)));
    assertEquals(Arrays.asList("location/ward DELETED null null"), told());
  }

  @Test
  void aRollbackLeavesNothingAlsoForTheNextCommitOfTheSession() throws SQLException {
    commit(session -> save(session, "Location", 1, "uuid", "ward", "retired", false));
    forget();
    try (Session session = sessions.openSession()) {
      session.beginTransaction();
      entity(session, "Location", 1).put("retired", true);
      session.flush();
      session.getTransaction().rollback();
      session.clear();
      session.beginTransaction();
      save(session, "Location", 2, "uuid", "theatre", "retired", false);
      session.getTransaction().commit();
    }
    assertEquals(Arrays.asList("location/theatre CREATED null theatre"), told());
  }

  @Test
  void manyObjectsOfOneTransactionAreToldOnceEach() throws SQLException {
    List<String> expected = new ArrayList<>();
    for (int id = 0; id < 1027; id++) {
      expected.add("patient/p" + id + " CREATED p" + id + " null");
    }
    commit(
        session -> {
          for (int id = 0; id < 1027; id++) {
            savedPatient(session, id);
          }
        });
    List<String> told = told();
    assertEquals(expected.size(), told.size());
    assertEquals(new HashSet<>(expected), new HashSet<>(told));
  }

  @Test
  void aSessionThatIsClearedAfterAFlushStillTells() throws SQLException {
    commit(
        session -> {
          savedPatient(session, 5);
          session.flush();
          session.clear();
        });
    assertEquals(Arrays.asList("patient/p5 CREATED p5 null"), told());
  }

  @Test
  void aFlushWhileTheCommitIsUnderWayIsToldToo() throws SQLException {
    commit(
        session -> {
          save(session, "Location", 1, "uuid", "ward", "retired", false);
          session.flush();
          BeforeTransactionCompletionProcess late =
              completing -> {
                save(completing, "Location", 2, "uuid", "theatre", "retired", false);
                completing.flush();
              };
          ((SessionImplementor) session).getActionQueue().registerProcess(late);
        });
    assertEquals(
        new HashSet<>(
            Arrays.asList(
                "location/ward CREATED null ward", "location/theatre CREATED null theatre")),
        new HashSet<>(told()));
  }

  @Test
  void droppedOutboxHoldsUpNoSaveAndIsReportedWithTimeAndCount() throws SQLException {
    commit(session -> save(session, "Location", 1, "uuid", "ward", "retired", false));
    statement("DROP TABLE sync2_outbox");
    commit(session -> entity(session, "Location", 1).put("retired", true));
    commit(session -> save(session, "Location", 2, "uuid", "theatre", "retired", false));
    assertEquals(1L, query("SELECT retired FROM location WHERE id = 1")[0][0]);
    assertEquals(2L, query("SELECT COUNT(*) FROM location")[0][0]);
    String problem = outbox.problem().get();
    assertTrue(problem.contains("sync2_outbox"), problem);
    assertTrue(problem.contains("2 since 2026-11-29T12:00:00Z"), problem);
    assertEquals(AT_NOON.instant(), outbox.missedSince().get());
  }

  @Test
  void anObjectThatCannotBeAskedForIsSaved() throws SQLException {
    commit(session -> save(session, "Location", 1, "uuid", "ward", "retired", false));
    forget();
    // What is told of a patient is asked for with its identifiers.
    statement("ALTER TABLE patient_identifier RENAME TO elsewhere");
    commit(session -> savedPatient(session, 5));
    assertEquals(1L, query("SELECT COUNT(*) FROM patient")[0][0]);
    assertEquals(Collections.emptyList(), told());
    assertTrue(outbox.problem().get().contains("1 since"), outbox.problem().get());

    commit(session -> entity(session, "Location", 1).put("retired", true));
    assertEquals(Arrays.asList("location/ward RETIRED null ward"), told());
  }

  @Test
  void whateverIsWrongWithUsIsNoTroubleOfOpenmrs() throws SQLException {
    List<Throwable> troubles =
        Arrays.asList(
            new IllegalStateException("the application data directory cannot be made"),
            new NoClassDefFoundError("org/openmrs/sync2/Outbox"),
            new OutOfMemoryError("Java heap space"),
            new StackOverflowError());
    for (int id = 0; id < troubles.size(); id++) {
      Throwable trouble = troubles.get(id);
      outbox = new ServerOutbox(() -> thrown(trouble), AT_NOON);
      sessions.close();
      listen("entities.hbm.xml");
      commit(session -> save(session, "Location", 1, "uuid", "ward", "retired", false));
      assertEquals(1L, query("SELECT COUNT(*) FROM location")[0][0], trouble.toString());
      assertTrue(outbox.problem().get().contains("1 since"), outbox.problem().get());
    }
  }

  @Test
  void transactionGivenUpByTheDatabaseIsNotSaidToBeSaved() throws SQLException {
    sessions.close();
    DataSource real = database;
    database = new DeadlockVictim(real).dataSource();
    listen("entities.hbm.xml");
    database = real;
    HibernateException refused =
        assertThrows(
            HibernateException.class,
            () ->
                commit(session -> save(session, "Location", 1, "uuid", "ward", "retired", false)));
    assertTrue(refused.getMessage().contains("deadlock"), refused.getMessage());
    assertEquals(0L, query("SELECT COUNT(*) FROM location")[0][0]);
  }

  @Test
  void nothingOfASessionOutlivesItHoweverItEnds() throws Exception {
    commit(session -> save(session, "Location", 1, "uuid", "ward", "retired", false));
    for (int round = 0; round < 5000; round++) {
      boolean retired = round % 2 == 0;
      commit(session -> entity(session, "Location", 1).put("retired", retired));
      endWith(session -> session.getTransaction().rollback());
      endWith(session -> {});
      endWith(session -> session.doWork(Connection::rollback));
      forget();
    }
    assertEquals(0, live(SessionImpl.class));
    assertEquals(0, live(OutboxProcess.class));
    // The map lets go of what was kept for sessions that are gone when it is used next.
    commit(session -> entity(session, "Location", 1).put("retired", true));
    assertEquals(0, live(TransactionChanges.class));
  }

  /** Has a session write, and ends it in that way. */
  private void endWith(Consumer<Session> end) {
    try (Session session = sessions.openSession()) {
      session.beginTransaction();
      entity(session, "Location", 1).put("uuid", "elsewhere");
      session.flush();
      end.accept(session);
    }
  }

  /** The instances that are left after a full collection, as the JVM counts them. */
  private static long live(Class<?> type) throws JMException {
    Object histogram =
        ManagementFactory.getPlatformMBeanServer()
            .invoke(
                new ObjectName("com.sun.management:type=DiagnosticCommand"),
                "gcClassHistogram",
                new Object[] {new String[0]},
                new String[] {String[].class.getName()});
    Matcher line =
        Pattern.compile("(?m)^ *\\d+: +(\\d+) +\\d+ +" + Pattern.quote(type.getName()) + "( |$)")
            .matcher((String) histogram);
    return line.find() ? Long.parseLong(line.group(1)) : 0;
  }

  private static Path thrown(Throwable trouble) {
    if (trouble instanceof Error) {
      throw (Error) trouble;
    }
    throw (RuntimeException) trouble;
  }

  @Test
  void withoutItsTablesOpenmrsSavesAndTheReasonIsSaid() throws SQLException {
    statement("ALTER TABLE sync2_outbox RENAME TO elsewhere");
    commit(session -> save(session, "Location", 1, "uuid", "ward", "retired", false));
    assertEquals("ward", query("SELECT uuid FROM location")[0][0]);
    assertTrue(outbox.problem().get().contains("sync2_outbox"), outbox.problem().get());

    statement("ALTER TABLE elsewhere RENAME TO sync2_outbox");
    outbox.lookAgain();
    commit(session -> save(session, "Location", 2, "uuid", "theatre", "retired", false));
    assertEquals(Arrays.asList("location/theatre CREATED null theatre"), told());
    assertTrue(outbox.problem().get().contains("1 since"), outbox.problem().get());
  }

  @Test
  void anOpenmrsThatWeDoNotKnowSavesAndTheReasonIsSaid() throws SQLException {
    sessions.close();
    listen("other-entities.hbm.xml");
    commit(session -> save(session, "Location", 1, "identity", "ward"));
    assertEquals("ward", query("SELECT identity FROM location")[0][0]);
    assertTrue(outbox.problem().get().contains("uuid"), outbox.problem().get());
  }

  /** Each as {@code category/uuid action patient location}, in order. */
  private List<String> told() throws SQLException {
    String statement =
        "SELECT category, object_uuid, event_action, patient_uuid, location_uuid FROM sync2_outbox"
            + " ORDER BY captured_at, transaction_uuid, uuid";
    List<String> told = new ArrayList<>();
    for (Object[] row : query(statement)) {
      told.add(row[0] + "/" + row[1] + " " + row[2] + " " + row[3] + " " + row[4]);
    }
    return told;
  }

  private long transactions() throws SQLException {
    return (Long) query("SELECT COUNT(DISTINCT transaction_uuid) FROM sync2_outbox")[0][0];
  }

  private Object[][] query(String statement) throws SQLException {
    try (Connection connection = database.getConnection()) {
      return JdbcStatements.query(connection, statement, NONE);
    }
  }

  private void forget() throws SQLException {
    statement("DELETE FROM sync2_outbox");
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

  private static Map<String, Object> savedPatient(Session session, int id) {
    return save(session, "Patient", id, "uuid", "p" + id, "personVoided", false, "voided", false);
  }

  /**
   * Saves an entity.
   *
   * @param content names and values in turn
   */
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
