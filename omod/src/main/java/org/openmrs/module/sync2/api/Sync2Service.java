package org.openmrs.module.sync2.api;

import java.util.Collection;
import java.util.List;
import org.openmrs.annotation.Authorized;
import org.openmrs.module.sync2.Sync2Privileges;
import org.openmrs.sync2.AuditQuery;
import org.openmrs.sync2.SyncConnectionTest;
import org.openmrs.sync2.SyncRun;
import org.openmrs.sync2.SyncStatus;

/**
 * Synchronization with the parent, for other modules: {@code
 * Context.getService(Sync2Service.class)}. The HTTP API below {@code /ws/rest/v1/sync2} does the
 * same.
 *
 * <p>Nothing here is transactional: the engine commits what it does in transactions of its own.
 * Lists read the database on the calling thread, which needs an OpenMRS session, must not have a
 * transaction, and finds its Hibernate session cleared. Failures are {@link
 * org.openmrs.sync2.SyncException}s; {@link org.openmrs.sync2.SyncClosedException} says why
 * synchronization does not work and what to do.
 */
public interface Sync2Service {

  /**
   * Pulls until nothing is left or the run is stopped, on a thread of OpenMRS's. Waits for it,
   * possibly for hours; an interrupt ends the waiting, not the run.
   *
   * @return what the run did; a run that was interrupted or cancelled says so in its state
   * @throws IllegalStateException when the calling thread has a transaction
   * @throws org.openmrs.sync2.SyncAlreadyRunningException when a pull is under way
   */
  @Authorized(Sync2Privileges.MANAGE)
  SyncRun pull() throws InterruptedException;

  /**
   * Pulls one object, whatever the feed says, and what it refers to. Waits as {@link #pull()} does.
   *
   * @param category such as {@code patient}
   * @param uuid of the object
   * @throws IllegalStateException when the calling thread has a transaction
   * @throws org.openmrs.sync2.SyncAlreadyRunningException when a pull is under way
   */
  @Authorized(Sync2Privileges.MANAGE)
  SyncRun pullObject(String category, String uuid) throws InterruptedException;

  /**
   * Starts a pull and returns at once, also from within a transaction.
   *
   * @return the id of the run
   * @throws org.openmrs.sync2.SyncAlreadyRunningException when a pull is under way
   */
  @Authorized(Sync2Privileges.MANAGE)
  String startPull();

  /**
   * Pushes what was changed here to the parent, until nothing is left or the run is stopped. Waits
   * as {@link #pull()} does, which may be under way meanwhile.
   *
   * @throws IllegalStateException when the calling thread has a transaction
   * @throws org.openmrs.sync2.SyncAlreadyRunningException when a push is under way
   */
  @Authorized(Sync2Privileges.MANAGE)
  SyncRun push() throws InterruptedException;

  /**
   * Starts a push and returns at once, also from within a transaction.
   *
   * @return the id of the run
   * @throws org.openmrs.sync2.SyncAlreadyRunningException when a push is under way
   */
  @Authorized(Sync2Privileges.MANAGE)
  String startPush();

  /** Asks the runs that are under way, if any, to stop after their batches. Does not wait. */
  @Authorized(Sync2Privileges.MANAGE)
  void cancel();

  /**
   * Settles which node this server is, where its database and the application data directory name
   * two, which the status says: one of them was copied.
   *
   * @param choice {@code adopt}: this server goes on as the node of its database; {@code renew}: it
   *     becomes a new node, because another server is that one. Its feed begins anew then
   * @return the node's id from now on
   * @throws org.openmrs.sync2.SyncAlreadyRunningException when a run is under way
   */
  @Authorized(Sync2Privileges.MANAGE)
  String chooseNode(String choice);

  /** What this node is doing, how the last run ended, and what is wrong. Never blocks. */
  @Authorized(Sync2Privileges.VIEW_AUDIT)
  SyncStatus status();

  /**
   * Tries what a pull needs of the parent, step by step, and changes nothing. Blocks on the network
   * for two minutes at the most.
   */
  @Authorized(Sync2Privileges.MANAGE)
  SyncConnectionTest testConnection();

  /**
   * What became of each event.
   *
   * @return a JSON array of audit messages, UTF-8, newest first
   */
  @Authorized(Sync2Privileges.VIEW_AUDIT)
  byte[] audit(AuditQuery query);

  /**
   * The runs.
   *
   * @param limit 1 to 1000
   * @return a JSON array, UTF-8, newest first
   */
  @Authorized(Sync2Privileges.VIEW_AUDIT)
  byte[] runs(long limit, long offset);

  /**
   * The records that wait for something or somebody.
   *
   * @param limit 1 to 1000
   * @return a JSON array, UTF-8
   */
  @Authorized(Sync2Privileges.VIEW_AUDIT)
  byte[] parked(long limit, long offset);

  /**
   * The objects that both sides changed.
   *
   * @param limit 1 to 1000
   * @return a JSON array, UTF-8
   */
  @Authorized(Sync2Privileges.VIEW_AUDIT)
  byte[] conflicts(long limit, long offset);

  /**
   * Has parked records tried again at once, on a thread of OpenMRS's.
   *
   * @param auditUuids of their audit messages
   * @return how many of them were parked
   */
  @Authorized(Sync2Privileges.MANAGE)
  long retry(Collection<String> auditUuids);

  /**
   * The configuration with all defaults, as JSON; in the place of the password is the mark {@code
   * {"set": true}}. Blocks on the database.
   */
  @Authorized(Sync2Privileges.VIEW_AUDIT)
  String configuration();

  /**
   * Checks a configuration, keeps it with its password encrypted, and goes on with it: a run that
   * is under way is cancelled. Blocks until that run has finished its batch.
   *
   * @param json the mark in the place of the password keeps the one that is there
   * @throws org.openmrs.sync2.SyncConfigurationException naming every field that is wrong
   */
  @Authorized(Sync2Privileges.MANAGE)
  void saveConfiguration(String json);

  /**
   * Checks a configuration as {@link #saveConfiguration} does, and keeps nothing. Blocks on the
   * database.
   *
   * @return what is allowed but can hardly be meant, a sentence each
   * @throws org.openmrs.sync2.SyncConfigurationException naming every field that is wrong
   */
  @Authorized(Sync2Privileges.MANAGE)
  List<String> checkConfiguration(String json);
}
