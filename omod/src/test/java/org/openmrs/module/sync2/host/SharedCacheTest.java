package org.openmrs.module.sync2.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.hibernate.Session;
import org.hibernate.SessionFactory;
import org.hibernate.cfg.AvailableSettings;
import org.hibernate.cfg.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openmrs.sync2.jdbc.JdbcStatements;
import org.openmrs.sync2.jdbc.TestDatabases;

/** What a real Hibernate answers that keeps entities for all sessions, as OpenMRS's does. */
class SharedCacheTest {

  private static final Object[] NONE = {};

  private DataSource database;
  private SessionFactory sessions;

  @BeforeEach
  void open() throws SQLException {
    database = TestDatabases.h2();
    Configuration configuration =
        new Configuration()
            .addResource("org/openmrs/module/sync2/host/cached-entities.hbm.xml")
            .setProperty(AvailableSettings.HBM2DDL_AUTO, "create")
            .setProperty(AvailableSettings.CACHE_REGION_FACTORY, MapRegionFactory.class.getName());
    configuration.getProperties().put(AvailableSettings.DATASOURCE, database);
    sessions = configuration.buildSessionFactory();
    statement("CREATE TABLE patient_identifier (patient_identifier_id INT, patient_id INT)");
    statement("CREATE TABLE person_address (person_address_id INT, person_id INT)");
    statement("CREATE TABLE person_attribute (person_attribute_id INT, person_id INT)");
    commit(
        session -> {
          save(session, "Patient", 1, "uuid", "p1", "gender", "F");
          save(session, "Patient", 2, "uuid", "p2", "gender", "F");
          Object patient = session.load("org.openmrs.Patient", 1);
          save(session, "PersonName", 11, "familyName", "Okello", "person", patient);
          save(session, "PersonName", 12, "familyName", "Achan", "person", patient);
        });
    assertEquals("F [Achan, Okello]", read(lock -> {}, 1));
    read(lock -> {}, 2);
  }

  @AfterEach
  void close() {
    sessions.close();
  }

  @Test
  void aReadUnderLockIsOfTheDatabaseThoughTheCacheHasSomethingElse() throws SQLException {
    editPastHibernate();
    assertEquals("F [Achan, Okello]", read(lock -> {}, 1), "the cache answers without a lock");

    assertEquals("M [Lakot]", read(session -> lock(session, "patient", "p1"), 1));
    assertEquals("M [Lakot]", read(session -> {}, 1), "what came after is read, too");
  }

  @Test
  void aReadUnderLockIsOfTheDatabaseThoughTheSessionHadReadBefore() throws SQLException {
    String read =
        read(
            session -> {
              session.get("org.openmrs.Patient", 1);
              editPastHibernate();
              lock(session, "patient", "p1");
            },
            1);
    assertEquals("M [Lakot]", read);
  }

  @Test
  void onlyWhatIsLockedIsForgotten() throws SQLException {
    read(session -> lock(session, "patient", "p1"), 2);

    assertTrue(sessions.getCache().containsEntity("org.openmrs.Patient", 2));
    assertTrue(sessions.getCache().containsCollection("org.openmrs.Person.names", 2));
    assertFalse(sessions.getCache().containsEntity("org.openmrs.Patient", 1));
    assertFalse(sessions.getCache().containsCollection("org.openmrs.Person.names", 1));
  }

  /** As an administrator's SQL does, or another server on the same database. */
  private void editPastHibernate() {
    statement("UPDATE person SET gender = 'M' WHERE person_id = 1");
    statement("UPDATE person_name SET familyName = 'Lakot' WHERE person_name_id = 11");
    statement("DELETE FROM person_name WHERE person_name_id = 12");
  }

  /** As the host does it: the rows, then what the session has. */
  private void lock(Session session, String category, String uuid) {
    BiConsumer<String, Collection<Long>> cache = new SharedCache(sessions)::forget;
    Map<String, List<String>> written =
        Collections.singletonMap(category, Collections.singletonList(uuid));
    Map<String, Set<String>> here =
        session.doReturningWork(
            connection -> new RowLocks(connection, cache).lock(written, Collections.emptyMap()));
    assertEquals(Collections.singleton(uuid), here.get(category));
    session.clear();
  }

  /**
   * The gender and the names of a patient, in a session of its own in which that was done first.
   */
  @SuppressWarnings("unchecked")
  private String read(Consumer<Session> first, int id) {
    try (Session session = sessions.openSession()) {
      session.beginTransaction();
      first.accept(session);
      Map<String, Object> patient = (Map<String, Object>) session.get("org.openmrs.Patient", id);
      Set<String> names = new TreeSet<>();
      for (Map<String, Object> name : (List<Map<String, Object>>) patient.get("names")) {
        names.add((String) name.get("familyName"));
      }
      session.getTransaction().commit();
      return patient.get("gender") + " " + names;
    }
  }

  private void commit(Consumer<Session> work) {
    try (Session session = sessions.openSession()) {
      session.beginTransaction();
      work.accept(session);
      session.getTransaction().commit();
    }
  }

  private static void save(Session session, String entity, int id, Object... content) {
    Map<String, Object> map = new HashMap<>();
    map.put("$type$", "org.openmrs." + entity);
    map.put("id", id);
    for (int index = 0; index < content.length; index += 2) {
      map.put((String) content[index], content[index + 1]);
    }
    session.save("org.openmrs." + entity, map);
  }

  private void statement(String statement) {
    try (Connection connection = database.getConnection()) {
      JdbcStatements.update(connection, statement, NONE);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
