package org.openmrs.sync2;

import java.util.Collections;

/**
 * The questions of the engine to the program that it runs in. The engine calls these methods only
 * on the thread that called the engine, and always inside {@link #begin()} … {@link #commit()} or
 * {@link #rollback()}. Implementations keep the transaction with the thread, so that several
 * threads may use one host.
 *
 * <p>A method that fails throws; the engine then rolls back. {@link SyncRejectedException} says
 * that the host's own validation refuses the object, {@link SyncDuplicateException} that another
 * object has its identifier; anything else counts as a failure of the host.
 */
public interface SyncHost {

  /**
   * The answer of {@link #read} for an object that is here but voided or deleted; as {@code fhir}
   * also for one that is retired, while {@code rest} gives its document.
   */
  byte[] REMOVED = new byte[0];

  /**
   * The name of the database, as {@link java.sql.DatabaseMetaData#getDatabaseProductName()} gives
   * it. Called once, outside a transaction.
   */
  String databaseProduct() throws Exception;

  /**
   * Opens a transaction (READ COMMITTED) on this thread.
   *
   * @throws IllegalStateException when the thread already has one
   */
  void begin() throws Exception;

  /** Commits. When it throws, the engine finds out from its marker whether it happened. */
  void commit() throws Exception;

  /** Rolls back, if there is anything to roll back, and clears the session. */
  void rollback();

  /**
   * Locks what a transaction will write, and what that refers to, in one order and before anything
   * else, so that it waits for others only while it holds nothing that they need. Called at most
   * once, directly after {@link #begin()}: a host that is chosen as the victim of a deadlock may
   * roll back and begin anew.
   *
   * @param categories the category of each object that is written
   * @param uuids the uuid of each of them; some may not be here
   * @param referredCategories the category of each object that these refer to
   * @param referredUuids the uuid of each of them
   */
  default void lock(
      String[] categories, String[] uuids, String[] referredCategories, String[] referredUuids)
      throws Exception {}

  /**
   * Creates or updates an object under its uuid, restoring it when it was removed, and flushes, so
   * that an error belongs to this object.
   *
   * @param representation {@code fhir} (R4 JSON) or {@code rest} (OpenMRS REST JSON)
   * @param category such as {@code patient}
   * @param json the document, UTF-8
   */
  void save(String representation, String category, String uuid, byte[] json) throws Exception;

  /**
   * As {@link #save}, but what the other side holds was accepted there: a rule of data entry of
   * this server is no reason to refuse it. A host that has such rules saves the object as long as
   * it can hold it.
   *
   * @return the rules that it does not keep, in words without its values; none is empty
   */
  default String[] record(String representation, String category, String uuid, byte[] json)
      throws Exception {
    save(representation, category, uuid, json);
    return new String[0];
  }

  /**
   * Voids, retires or deletes an object, as its kind knows it. Retired metadata comes here only as
   * {@code fhir}: as {@code rest} it is saved with {@code retired: true}.
   *
   * @param action what the event says: {@code VOIDED}, {@code RETIRED} or {@code DELETED}
   */
  void remove(String representation, String category, String uuid, String action) throws Exception;

  /**
   * The same, with all that hangs on the object, for a reason that who looks at it later is shown.
   */
  default void remove(
      String representation, String category, String uuid, String action, String reason)
      throws Exception {
    remove(representation, category, uuid, action);
  }

  /**
   * Everything that hangs on an object of a kind that takes others along when it is removed: on a
   * patient the visits, encounters and observations, on a visit the encounters, on an encounter the
   * observations, on a group the members, and what hangs on these. What is removed already is among
   * them. Nothing in a host that removes objects alone.
   *
   * @return as {@link SyncDependent#json} writes it
   */
  default byte[] dependents(String category, String uuid) throws Exception {
    return SyncDependent.json(Collections.emptyList());
  }

  /**
   * Why objects were removed, in their authors' words with the authors' names.
   *
   * @param categories the category of each object
   * @param uuids the uuid of each object
   * @return for each object the reason, which may be empty; null when it is not removed, or when it
   *     is not known whether it is
   */
  default String[] whyRemoved(String[] categories, String[] uuids) throws Exception {
    return new String[uuids.length];
  }

  /**
   * Where objects belong, removed or not: at their encounter's location, else at their own, else at
   * their patient's, who is at those of the identifiers.
   *
   * @param categories the category of each object
   * @param uuids the uuid of each object
   * @return for each object the uuids of the locations with a comma between two, which may be
   *     empty; {@code *} for what everybody needs, such as the person that a provider is; null for
   *     an object that is not here, and for one of which only its document says it
   */
  default String[] places(String[] categories, String[] uuids) throws Exception {
    return new String[uuids.length];
  }

  /** Flushes and clears the session, so that what is read next comes from the database. */
  void clear() throws Exception;

  /**
   * Says which objects are read next in this transaction, without locking them, so that a host may
   * load them together. Nothing depends on it: what cannot be loaded fails when it is read.
   *
   * @param categories the category of each object
   * @param uuids the uuid of each object
   */
  default void expectReads(String representation, String[] categories, String[] uuids)
      throws Exception {}

  /**
   * Reads an object.
   *
   * @param lock whether its rows stay locked until the transaction ends
   * @return the document as UTF-8 JSON; null when it was never here; {@link #REMOVED}
   */
  byte[] read(String representation, String category, String uuid, boolean lock) throws Exception;

  /**
   * Which objects are here, removed or not, so that a reference to them holds.
   *
   * @param categories the category of each object
   * @param uuids the uuid of each object
   */
  boolean[] exists(String[] categories, String[] uuids) throws Exception;

  /**
   * The uuids of the objects of a category, removed or not, in an order that does not change.
   *
   * @param after the uuid after which the list goes on; null at its beginning
   * @param most how many there are at most; less are given only at the end
   * @return null in a host that cannot say
   */
  default String[] list(String category, String after, int most) throws Exception {
    return null;
  }

  /**
   * Until {@link #awaitIndex} with the same name, no commit on this thread waits for the index that
   * people are searched in: it follows by itself. Called outside of a transaction; again with the
   * same name it changes nothing.
   *
   * @param call the name of what is going on, used once only
   * @return false in a host without such an index, and in one whose commits wait for it all the
   *     same
   */
  default boolean indexBehind(String call) throws Exception {
    return false;
  }

  /**
   * Waits until the index has on its disk whatever was committed under that name, on any thread;
   * from then on commits on this thread wait for it again. Called outside of a transaction.
   *
   * @throws Exception when the index may lack some of it
   */
  default void awaitIndex(String call) throws Exception {}

  /**
   * Brings what the index has of objects up to what the database has, and waits for it. What is not
   * here is left out. The objects are locked.
   *
   * @param categories the category of each object
   * @param uuids the uuid of each object
   */
  default void indexAgain(String[] categories, String[] uuids) throws Exception {}

  /**
   * Runs a statement on the connection of the transaction.
   *
   * @param parameters each null, {@link Long}, {@link String} or {@code byte[]}
   * @return the number of rows changed
   */
  long update(String statement, Object[] parameters) throws Exception;

  /**
   * Runs one statement for many rows of parameters, in one round trip where the driver can.
   *
   * @return the number of rows changed by each
   */
  long[] updateAll(String statement, Object[][] rows) throws Exception;

  /**
   * Runs a SELECT on the connection of the transaction.
   *
   * @return all rows, each value null, {@link Long}, {@link String} or {@code byte[]}
   */
  Object[][] query(String statement, Object[] parameters) throws Exception;
}
