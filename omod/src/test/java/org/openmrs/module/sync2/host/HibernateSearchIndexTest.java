package org.openmrs.module.sync2.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import javax.persistence.Column;
import javax.persistence.Entity;
import javax.persistence.Id;
import javax.persistence.Inheritance;
import javax.persistence.InheritanceType;
import javax.persistence.ManyToOne;
import javax.persistence.OneToMany;
import javax.persistence.Table;
import javax.sql.DataSource;
import org.hibernate.Session;
import org.hibernate.SessionFactory;
import org.hibernate.cfg.AvailableSettings;
import org.hibernate.cfg.Configuration;
import org.hibernate.search.backend.lucene.cfg.spi.LuceneBackendSpiSettings;
import org.hibernate.search.backend.lucene.work.spi.LuceneWorkExecutorProvider;
import org.hibernate.search.engine.backend.types.Projectable;
import org.hibernate.search.engine.common.execution.spi.SimpleScheduledExecutor;
import org.hibernate.search.engine.environment.bean.BeanReference;
import org.hibernate.search.mapper.orm.Search;
import org.hibernate.search.mapper.pojo.mapping.definition.annotation.Indexed;
import org.hibernate.search.mapper.pojo.mapping.definition.annotation.IndexedEmbedded;
import org.hibernate.search.mapper.pojo.mapping.definition.annotation.KeywordField;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openmrs.sync2.jdbc.JdbcStatements;
import org.openmrs.sync2.jdbc.TestDatabases;

/** What a real Hibernate Search does, over people as OpenMRS indexes them. */
class HibernateSearchIndexTest {

  private static final Object[] NONE = {};

  private final HibernateSearchIndex index = new HibernateSearchIndex();
  private DataSource database;
  private HeldThreads threads;
  private SessionFactory sessions;

  /** The threads that write the index, which do nothing as long as they are held. */
  private static final class HeldThreads implements SimpleScheduledExecutor {
    private final ScheduledExecutorService executor = Executors.newScheduledThreadPool(2);
    private volatile CountDownLatch held = new CountDownLatch(0);

    void hold() {
      held = new CountDownLatch(1);
    }

    void release() {
      held.countDown();
    }

    @Override
    public Future<?> submit(Runnable task) {
      return executor.submit(() -> whenReleased(task));
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
      return executor.schedule(() -> whenReleased(task), delay, unit);
    }

    private void whenReleased(Runnable task) {
      try {
        held.await();
        task.run();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void shutdownNow() {
      executor.shutdownNow();
    }

    @Override
    public boolean isBlocking() {
      return false;
    }
  }

  /** A person. */
  @Entity(name = "Person")
  @Table(name = "person")
  @Inheritance(strategy = InheritanceType.JOINED)
  static class IndexedPerson {
    @Id int id;
    @KeywordField String uuid;

    @OneToMany(mappedBy = "person")
    Collection<IndexedName> names = new ArrayList<>();

    @OneToMany(mappedBy = "person")
    Collection<IndexedAttribute> attributes = new ArrayList<>();
  }

  /** A person who is a patient. */
  @Entity(name = "Patient")
  @Table(name = "patient")
  static class IndexedPatient extends IndexedPerson {
    @OneToMany(mappedBy = "patient")
    Collection<IndexedIdentifier> identifiers = new ArrayList<>();
  }

  /** A name. */
  @Entity(name = "PersonName")
  @Table(name = "person_name")
  @Indexed
  static class IndexedName {
    @Id int id;

    @Column(length = 100_000)
    @KeywordField(projectable = Projectable.YES)
    String text;

    @ManyToOne @IndexedEmbedded IndexedPerson person;
  }

  /** An attribute. */
  @Entity(name = "PersonAttribute")
  @Table(name = "person_attribute")
  @Indexed
  static class IndexedAttribute {
    @Id int id;

    @KeywordField(projectable = Projectable.YES)
    String text;

    @ManyToOne @IndexedEmbedded IndexedPerson person;
  }

  /** A number. */
  @Entity(name = "PatientIdentifier")
  @Table(name = "patient_identifier")
  @Indexed
  static class IndexedIdentifier {
    @Id int id;

    @KeywordField(projectable = Projectable.YES)
    String text;

    @ManyToOne @IndexedEmbedded IndexedPatient patient;
  }

  @BeforeEach
  void open() throws SQLException {
    database = TestDatabases.h2();
    sessions = sessions(AvailableSettings.SHOW_SQL, "false");
  }

  private SessionFactory sessions(String setting, String value) {
    Configuration configuration =
        new Configuration()
            .addAnnotatedClass(IndexedPerson.class)
            .addAnnotatedClass(IndexedPatient.class)
            .addAnnotatedClass(IndexedName.class)
            .addAnnotatedClass(IndexedAttribute.class)
            .addAnnotatedClass(IndexedIdentifier.class)
            .setProperty(AvailableSettings.HBM2DDL_AUTO, "create")
            .setProperty("hibernate.search.backend.directory.type", "local-heap")
            .setProperty(setting, value);
    threads = new HeldThreads();
    LuceneWorkExecutorProvider provider = context -> threads;
    configuration.getProperties().put(AvailableSettings.DATASOURCE, database);
    configuration
        .getProperties()
        .put(
            LuceneBackendSpiSettings.BACKEND_WORK_EXECUTOR_PROVIDER,
            BeanReference.ofInstance(provider));
    return configuration.buildSessionFactory();
  }

  @AfterEach
  void close() {
    threads.release();
    sessions.close();
  }

  @Test
  void commitsDoNotWaitAndAllIsFoundOnceTheyWereWaitedFor() throws Exception {
    try (Session session = sessions.openSession()) {
      assertTrue(index.behind(session, "call"));
      threads.hold();
      register(session, 1, "Okello");
      register(session, 2, "Achan");
      assertEquals(Collections.emptySet(), found());
      threads.release();
      index.await(session, "call");
      assertEquals(texts("Achan", "Okello"), found());
    }
  }

  @Test
  void nothingIsFoundOfATransactionThatWasRolledBack() throws Exception {
    try (Session session = sessions.openSession()) {
      index.behind(session, "call");
      session.beginTransaction();
      save(session, 1, "Okello");
      session.flush();
      session.getTransaction().rollback();
      session.clear();
      register(session, 2, "Achan");
      index.await(session, "call");
      assertEquals(texts("Achan"), found());
    }
  }

  @Test
  void theOtherSessionsWaitAsEver() {
    try (Session ours = sessions.openSession();
        Session nurses = sessions.openSession()) {
      index.behind(ours, "call");
      register(nurses, 1, "Okello");
      assertEquals(texts("Okello"), found());
    }
  }

  @Test
  void aSessionWaitsAgainAfterItsCall() throws Exception {
    try (Session session = sessions.openSession()) {
      index.behind(session, "call");
      index.await(session, "call");
      register(session, 1, "Okello");
      assertEquals(texts("Okello"), found());
    }
  }

  /** The groups of a request are worked on in sessions of their own. */
  @Test
  void aCallIsWaitedForWhicheverSessionsItHad() throws Exception {
    threads.hold();
    for (int id = 1; id <= 2; id++) {
      try (Session session = sessions.openSession()) {
        index.behind(session, "call");
        register(session, id, "Okello " + id);
      }
    }
    threads.release();
    try (Session session = sessions.openSession()) {
      index.await(session, "call");
      assertEquals(texts("Okello 1", "Okello 2"), found());
    }
  }

  /** Lucene takes no term of that length. */
  @Test
  void whatTheIndexCouldNotTakeIsToldToWhoWaits() {
    try (Session session = sessions.openSession()) {
      index.behind(session, "call");
      register(session, 1, String.join("", Collections.nCopies(40_000, "x")));
      register(session, 2, "Achan");
      assertThrows(ExecutionException.class, () -> index.await(session, "call"));
    }
  }

  @Test
  void whatIsIndexedAgainIsFoundAsItIs() {
    try (Session session = sessions.openSession()) {
      register(session, 1, "Okello");
      register(session, 2, "Achan");
      statement("UPDATE person_name SET text = 'Lakot'");
      statement("INSERT INTO person_attribute (id, text, person_id) VALUES (1, 'Gulu', 1)");
      statement("INSERT INTO patient_identifier (id, text, patient_id) VALUES (1, '100HA1', 1)");
      session.clear();
      index.behind(session, "call");
      session.beginTransaction();
      index.again(session, Arrays.asList("p1", "not here"));
      assertEquals(texts("100HA1", "Achan", "Gulu", "Lakot"), found(), "within the transaction");
      session.getTransaction().commit();
    }
  }

  @Test
  void aServerThatHasChosenHowItWaitsIsLeftAlone() {
    sessions.close();
    sessions = sessions("hibernate.search.indexing.plan.synchronization.strategy", "sync");
    try (Session session = sessions.openSession()) {
      assertFalse(index.behind(session, "call"));
    }
  }

  private static void register(Session session, int id, String name) {
    session.beginTransaction();
    save(session, id, name);
    session.getTransaction().commit();
    session.clear();
  }

  private static void save(Session session, int id, String text) {
    IndexedPatient patient = new IndexedPatient();
    patient.id = id;
    patient.uuid = "p" + id;
    session.save(patient);
    IndexedName name = new IndexedName();
    name.id = id;
    name.text = text;
    name.person = patient;
    session.save(name);
  }

  private static Set<String> texts(String... texts) {
    return new TreeSet<>(Arrays.asList(texts));
  }

  /** What is found in any of the indexes. */
  private Set<String> found() {
    try (Session session = sessions.openSession()) {
      List<Class<?>> all =
          Arrays.asList(IndexedName.class, IndexedAttribute.class, IndexedIdentifier.class);
      return new TreeSet<>(
          Search.session(session)
              .search(all)
              .select(found -> found.field("text", String.class))
              .where(every -> every.matchAll())
              .fetchAllHits());
    }
  }

  private void statement(String statement) {
    try (Connection connection = database.getConnection()) {
      JdbcStatements.update(connection, statement, NONE);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
