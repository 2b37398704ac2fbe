package org.openmrs.module.sync2.host;

import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.hibernate.FlushMode;
import org.hibernate.JDBCException;
import org.hibernate.Session;
import org.hibernate.jdbc.ReturningWork;
import org.openmrs.api.context.Context;
import org.openmrs.api.db.hibernate.DbSession;
import org.openmrs.api.db.hibernate.DbSessionFactory;
import org.openmrs.module.sync2.host.writing.EntryRules;
import org.openmrs.module.sync2.host.writing.OpenmrsValidators;
import org.openmrs.module.sync2.host.writing.OpenmrsWritingSession;
import org.openmrs.module.sync2.host.writing.Removal;
import org.openmrs.module.sync2.host.writing.Writing;
import org.openmrs.module.sync2.kind.Kind;
import org.openmrs.module.sync2.kind.Kinds;
import org.openmrs.module.sync2.kind.Table;
import org.openmrs.sync2.LoggedFailure;
import org.openmrs.sync2.SyncDependent;
import org.openmrs.sync2.SyncHost;
import org.openmrs.sync2.jdbc.JdbcStatements;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.DefaultTransactionDefinition;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * OpenMRS as the engine sees it. What the engine saves goes through OpenMRS's own services, and its
 * own statements run on the connection of the same Hibernate session, so that both are committed
 * together. To be called on threads with an OpenMRS session and a user, such as daemon threads.
 *
 * <p>Beans are looked up for each transaction: a module that starts makes all of them anew.
 */
public final class OpenmrsHost implements SyncHost {

  private static final Logger LOG = LoggerFactory.getLogger(OpenmrsHost.class);

  private static final String FHIR = "fhir";
  private static final String REST = "rest";

  /** How often the locks of a transaction are asked for. */
  private static final int LOCK_ATTEMPTS = 5;

  /** The SQL state of a transaction that cannot be completed because of others. */
  private static final String DEADLOCK = "40001";

  /** The error code of MySQL and MariaDB when a lock was waited for too long. */
  private static final int MYSQL_LOCK_WAIT = 1205;

  /** Each save flushes, and each flush looks through all that the session holds. */
  private static final int SAVES_IN_A_SESSION = 10;

  /** The transaction of a thread. */
  private static final class Transaction {
    final PlatformTransactionManager manager = bean(PlatformTransactionManager.class);
    final DbSessionFactory sessions = bean(DbSessionFactory.class);
    final TransactionStatus status = manager.getTransaction(readCommitted());

    /** The next reads, by representation, category and uuid; as long as the session has it. */
    final Map<String, Callable<byte[]>> loaded = new HashMap<>();

    /**
     * By uuid, the categories in which a locked read found nothing, until anything is saved under
     * it: a person that is saved is what its patient is made of.
     */
    final Map<String, Set<String>> absent = new HashMap<>();

    /** By category, the uuids whose rows were locked when the transaction began. */
    Map<String, Set<String>> locked = Collections.emptyMap();

    int saves;

    /** A read sees what others have committed. */
    private static TransactionDefinition readCommitted() {
      DefaultTransactionDefinition definition = new DefaultTransactionDefinition();
      definition.setIsolationLevel(TransactionDefinition.ISOLATION_READ_COMMITTED);
      return definition;
    }

    /** The database's own words, not Hibernate's, which say only that there are some. */
    <T> T onConnection(ReturningWork<T> work) throws SQLException {
      try {
        return sessions.getHibernateSessionFactory().getCurrentSession().doReturningWork(work);
      } catch (JDBCException e) {
        throw e.getSQLException();
      }
    }

    void isAbsent(String category, String uuid) {
      absent.computeIfAbsent(uuid, key -> new HashSet<>()).add(category);
    }

    Map<String, Set<String>> lock(
        Map<String, List<String>> written, Map<String, List<String>> referred) throws SQLException {
      SharedCache cache = new SharedCache(sessions.getHibernateSessionFactory());
      return onConnection(
          connection -> new RowLocks(connection, cache::forget).lock(written, referred));
    }

    /** An object that was locked at the beginning is not asked for again. */
    boolean lock(String category, String uuid) throws SQLException {
      if (locked.getOrDefault(category, Collections.emptySet()).contains(uuid)) {
        return true;
      }
      if (absent.getOrDefault(uuid, Collections.emptySet()).contains(category)) {
        return false;
      }
      Map<String, List<String>> written =
          Collections.singletonMap(category, Collections.singletonList(uuid));
      return !lock(written, Collections.emptyMap()).get(category).isEmpty();
    }

    void clearSession() {
      loaded.clear();
      HostSession.clear();
    }

    /** Or each query would look through all that the session has read before. */
    <T> T withoutFlushing(Callable<T> reading) throws Exception {
      DbSession session = sessions.getCurrentSession();
      FlushMode before = session.getFlushMode();
      session.setFlushMode(FlushMode.MANUAL);
      try {
        return reading.call();
      } finally {
        session.setFlushMode(before);
      }
    }
  }

  private final ThreadLocal<Transaction> open = new ThreadLocal<>();

  private static <T> T bean(Class<T> type) {
    List<T> beans = Context.getRegisteredComponents(type);
    if (beans.isEmpty()) {
      throw new IllegalStateException("OpenMRS has no " + type.getSimpleName() + " now.");
    }
    return beans.get(0);
  }

  @Override
  public String databaseProduct() throws Exception {
    begin();
    try {
      return transaction()
          .onConnection(connection -> connection.getMetaData().getDatabaseProductName());
    } finally {
      rollback();
    }
  }

  @Override
  public void begin() {
    if (TransactionSynchronizationManager.isActualTransactionActive()) {
      throw new IllegalStateException("This thread has a transaction already.");
    }
    open.set(new Transaction());
  }

  /** In a deadlock this is the loser: nothing was done yet, and it begins anew. */
  @Override
  public void lock(
      String[] categories, String[] uuids, String[] referredCategories, String[] referredUuids)
      throws SQLException {
    Map<String, List<String>> written = byCategory(categories, uuids);
    Map<String, List<String>> referred = byCategory(referredCategories, referredUuids);
    for (int attempt = 1; ; attempt++) {
      try {
        Transaction transaction = transaction();
        transaction.locked = transaction.lock(written, referred);
        noteAbsent(transaction, written);
        return;
      } catch (SQLException e) {
        if (attempt == LOCK_ATTEMPTS || !isVictim(e)) {
          throw e;
        }
        LOG.debug("The locks of a transaction are asked for anew", LoggedFailure.of(e));
        rollback();
        begin();
      }
    }
  }

  /**
   * An object without a row is not asked for again: whoever adds it before us makes our own fail.
   */
  private static void noteAbsent(Transaction transaction, Map<String, List<String>> written) {
    transaction.locked.forEach(
        (category, here) ->
            written.get(category).stream()
                .filter(uuid -> !here.contains(uuid))
                .forEach(uuid -> transaction.isAbsent(category, uuid)));
  }

  /**
   * Returns true if the database gave up a transaction because of others: a deadlock, or a long
   * wait.
   */
  private static boolean isVictim(SQLException e) {
    return e instanceof SQLTransientException
        || DEADLOCK.equals(e.getSQLState())
        || e.getErrorCode() == MYSQL_LOCK_WAIT;
  }

  @Override
  public void commit() {
    Transaction transaction = transaction();
    open.remove();
    try {
      transaction.manager.commit(transaction.status);
    } finally {
      HostSession.clear();
    }
  }

  @Override
  public void rollback() {
    Transaction transaction = open.get();
    open.remove();
    if (transaction != null && !transaction.status.isCompleted()) {
      transaction.manager.rollback(transaction.status);
      HostSession.clear();
    }
  }

  private Transaction transaction() {
    Transaction transaction = open.get();
    if (transaction == null) {
      throw new IllegalStateException("This thread has no transaction.");
    }
    return transaction;
  }

  @Override
  public void save(String representation, String category, String uuid, byte[] json)
      throws Exception {
    write(representation, category, uuid, json, EntryRules.strict(new OpenmrsValidators()));
  }

  @Override
  public String[] record(String representation, String category, String uuid, byte[] json)
      throws Exception {
    EntryRules rules = EntryRules.recording(new OpenmrsValidators());
    write(representation, category, uuid, json, rules);
    return rules.recorded().toArray(new String[0]);
  }

  private void write(
      String representation, String category, String uuid, byte[] json, EntryRules rules)
      throws Exception {
    Writing writing = new Writing(new OpenmrsWritingSession(SavingPrivileges::require), rules);
    Transaction transaction = transaction();
    transaction.loaded.clear();
    Set<String> absent = transaction.absent.remove(uuid);
    CategoryObjects objects = objects(representation, category);
    if (absent != null && absent.contains(category)) {
      objects.create(uuid, json, writing);
    } else {
      objects.save(uuid, json, writing);
    }
    if (++transaction.saves % SAVES_IN_A_SESSION == 0) {
      clear();
    }
  }

  @Override
  public void remove(String representation, String category, String uuid, String action)
      throws Exception {
    remove(representation, category, uuid, action, Removal.REASON);
  }

  @Override
  public void remove(
      String representation, String category, String uuid, String action, String reason)
      throws Exception {
    transaction().loaded.clear();
    EntryRules rules = EntryRules.strict(new OpenmrsValidators());
    objects(representation, category)
        .remove(
            uuid,
            action,
            reason,
            new Writing(new OpenmrsWritingSession(SavingPrivileges::require), rules));
  }

  @Override
  public void clear() {
    Transaction transaction = transaction();
    Context.flushSession();
    transaction.clearSession();
  }

  @Override
  public void expectReads(String representation, String[] categories, String[] uuids) {
    Transaction transaction = transaction();
    Map<String, List<String>> expected = byCategory(categories, uuids);
    try {
      for (Map.Entry<String, List<String>> category : expected.entrySet()) {
        CategoryObjects objects = objects(representation, category.getKey());
        transaction
            .withoutFlushing(() -> objects.load(category.getValue()))
            .forEach(
                (uuid, read) ->
                    transaction.loaded.put(key(representation, category.getKey(), uuid), read));
      }
    } catch (Exception e) {
      // One of them cannot be loaded: which one, reading them one by one will say.
      LOG.debug("Objects could not be loaded together", LoggedFailure.of(e));
      transaction.clearSession();
    }
  }

  private static String key(String representation, String category, String uuid) {
    return representation + ' ' + category + ' ' + uuid;
  }

  @Override
  public byte[] read(String representation, String category, String uuid, boolean lock)
      throws Exception {
    Transaction transaction = transaction();
    if (lock) {
      if (!transaction.lock(supported(category), uuid)) {
        transaction.isAbsent(category, uuid);
        return null;
      }
      // The session would still see what it read before others committed.
      transaction.clearSession();
    }
    Callable<byte[]> loaded = transaction.loaded.get(key(representation, category, uuid));
    return transaction.withoutFlushing(
        loaded != null ? loaded : () -> objects(representation, category).read(uuid));
  }

  @Override
  public byte[] dependents(String category, String uuid) throws SQLException {
    Context.flushSession();
    return SyncDependent.json(
        transaction().onConnection(connection -> Hanging.on(connection, category, uuid)));
  }

  @Override
  public String[] whyRemoved(String[] categories, String[] uuids) throws SQLException {
    Map<String, Map<String, String>> reasons = new HashMap<>();
    for (Map.Entry<String, List<String>> category : byCategory(categories, uuids).entrySet()) {
      reasons.put(
          category.getKey(),
          transaction()
              .onConnection(
                  connection ->
                      Hanging.reasons(connection, category.getKey(), category.getValue())));
    }
    String[] why = new String[uuids.length];
    for (int index = 0; index < uuids.length; index++) {
      why[index] = reasons.get(categories[index]).get(uuids[index]);
    }
    return why;
  }

  @Override
  public String[] places(String[] categories, String[] uuids) throws SQLException {
    Map<String, Map<String, String>> places = new HashMap<>();
    for (Map.Entry<String, List<String>> category : byCategory(categories, uuids).entrySet()) {
      places.put(
          category.getKey(),
          transaction()
              .onConnection(
                  connection -> Places.of(connection, category.getKey(), category.getValue())));
    }
    String[] each = new String[uuids.length];
    for (int index = 0; index < uuids.length; index++) {
      each[index] = places.get(categories[index]).get(uuids[index]);
    }
    return each;
  }

  @Override
  public boolean[] exists(String[] categories, String[] uuids) throws SQLException {
    Map<String, Set<String>> present = new HashMap<>();
    for (Map.Entry<String, List<String>> category : byCategory(categories, uuids).entrySet()) {
      present.put(category.getKey(), present(category.getKey(), category.getValue()));
    }
    boolean[] exist = new boolean[uuids.length];
    for (int index = 0; index < uuids.length; index++) {
      exist[index] = present.get(categories[index]).contains(uuids[index]);
    }
    return exist;
  }

  @Override
  public String[] list(String category, String after, int most) throws SQLException {
    Table table = table(category);
    if (table == null) {
      return null;
    }
    return transaction().onConnection(connection -> table.list(connection, after, most));
  }

  private static Map<String, List<String>> byCategory(String[] categories, String[] uuids) {
    Map<String, List<String>> byCategory = new HashMap<>();
    for (int index = 0; index < uuids.length; index++) {
      byCategory.computeIfAbsent(categories[index], name -> new ArrayList<>()).add(uuids[index]);
    }
    return byCategory;
  }

  private Set<String> present(String category, List<String> uuids) throws SQLException {
    Set<String> present = rows(category, uuids);
    if (category.equals("encounter")) {
      // In FHIR a visit is an Encounter too, which others are part of.
      present.addAll(rows("visit", uuids));
    }
    return present;
  }

  /**
   * An object for which OpenMRS has no table is not here: a document that refers to it waits, and
   * no other.
   */
  private Set<String> rows(String category, List<String> uuids) throws SQLException {
    Table table = table(category);
    if (table == null) {
      return new HashSet<>();
    }
    return transaction().onConnection(connection -> table.present(connection, uuids));
  }

  @Override
  public boolean indexBehind(String call) {
    return SearchIndex.behind(session(), call);
  }

  @Override
  public void awaitIndex(String call) throws Exception {
    SearchIndex.await(session(), call);
  }

  @Override
  public void indexAgain(String[] categories, String[] uuids) {
    SearchIndex.again(session(), uuids);
  }

  private static Session session() {
    return bean(DbSessionFactory.class).getHibernateSessionFactory().getCurrentSession();
  }

  @Override
  public long update(String statement, Object[] parameters) throws SQLException {
    return transaction()
        .onConnection(connection -> JdbcStatements.update(connection, statement, parameters));
  }

  @Override
  public long[] updateAll(String statement, Object[][] rows) throws SQLException {
    return transaction()
        .onConnection(connection -> JdbcStatements.updateAll(connection, statement, rows));
  }

  @Override
  public Object[][] query(String statement, Object[] parameters) throws SQLException {
    return transaction()
        .onConnection(connection -> JdbcStatements.query(connection, statement, parameters));
  }

  /** Where OpenMRS keeps such objects; null when it has no table that is known here. */
  private static Table table(String category) {
    Kind kind = Kinds.of(category);
    return kind == null ? null : kind.table();
  }

  private static String supported(String category) {
    if (table(category) == null) {
      throw notSupported("The category " + category);
    }
    return category;
  }

  private static CategoryObjects objects(String representation, String category) {
    Kind kind = Kinds.of(category);
    CategoryObjects objects = kind == null ? null : objects(representation, kind);
    if (objects == null) {
      throw notSupported("The category " + category + " in the representation " + representation);
    }
    return objects;
  }

  private static CategoryObjects objects(String representation, Kind kind) {
    switch (representation) {
      case FHIR:
        return kind.fhir();
      case REST:
        return kind.rest();
      default:
        return null;
    }
  }

  private static IllegalArgumentException notSupported(String what) {
    return new IllegalArgumentException(
        what + " cannot be saved in OpenMRS by this version; switch it off in the configuration.");
  }
}
