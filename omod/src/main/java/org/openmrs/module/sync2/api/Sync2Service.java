package org.openmrs.module.sync2.api;

import java.util.Collection;
import java.util.List;
import org.openmrs.annotation.Authorized;
import org.openmrs.module.sync2.Sync2Privileges;
import org.openmrs.sync2.AuditQuery;
import org.openmrs.sync2.SyncConflictFilter;
import org.openmrs.sync2.SyncConnectionTest;
import org.openmrs.sync2.SyncDecision;
import org.openmrs.sync2.SyncPreflight;
import org.openmrs.sync2.SyncResolution;
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

  /** Returns what this node is doing, how the last run ended, and what is wrong. Never blocks. */
  @Authorized(Sync2Privileges.VIEW_AUDIT)
  SyncStatus status();

  /**
   * Tries what a pull needs of the parent, step by step, and changes nothing. Blocks on the network
   * for two minutes at the most.
   */
  @Authorized(Sync2Privileges.MANAGE)
  SyncConnectionTest testConnection();

  /**
   * Checks before the first sync this server, the line and the parent, and changes nothing. Blocks
   * on the database, and then on the network for four minutes at the most.
   */
  @Authorized(Sync2Privileges.MANAGE)
  SyncPreflight preflight();

  /**
   * Searches the audit messages of events.
   *
   * @return a JSON object, UTF-8, as that of {@link org.openmrs.sync2.SyncEngine#audit}
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
   * A conflict as both sides are now: both documents, what is in dispute ({@code differences}),
   * what can be decided ({@code choices}), and the {@code version} for {@link
   * SyncDecision#onVersion}. Patient data. Reads the database on a thread of OpenMRS's, and waits
   * for it.
   *
   * @param uuid of the conflict
   * @return a JSON object, UTF-8; null when there is no such conflict, or it is over
   * @throws IllegalStateException when the calling thread has a transaction
   */
  @Authorized(Sync2Privileges.RESOLVE)
  byte[] conflict(String uuid);

  /**
   * Carries out what the user who is logged in decided about a conflict; the audit names the user,
   * whatever {@link SyncDecision#by} says. What comes of it is written here, in a transaction of
   * its own on a thread of OpenMRS's, which is waited for, and goes to the parent with the next
   * push. An exception has changed nothing, but after a {@link org.openmrs.sync2.SyncException} of
   * kind {@code Host} the conflict may be over: look at it again.
   *
   * @param uuid of the conflict
   * @throws IllegalStateException when the calling thread has a transaction
   * @throws org.openmrs.sync2.SyncNotFoundException when there is no such conflict, or it is over
   * @throws org.openmrs.sync2.SyncException of kind {@code Outdated}, when either side has changed
   *     since what was decided on was shown, or something of it is on its way to the parent: look
   *     at it again
   * @throws org.openmrs.sync2.SyncRejectedException when the decision does not fit the conflict, or
   *     a child met it, which decides it
   * @throws org.openmrs.sync2.SyncConfigurationException when the decision has no reason, or the
   *     choice is none
   */
  @Authorized(Sync2Privileges.RESOLVE)
  SyncResolution resolve(String uuid, SyncDecision decision);

  /**
   * Decides several conflicts in the same way, each by itself and as {@link #resolve} does.
   *
   * @param uuids of the conflicts, 1 to 1000
   * @param decision a choice that needs nothing more, see {@link SyncDecision#of}
   * @return what became of each, in their order
   * @throws IllegalStateException when the calling thread has a transaction
   * @throws org.openmrs.sync2.SyncConfigurationException when the decision is none for several
   */
  @Authorized(Sync2Privileges.RESOLVE)
  List<SyncResolution.Outcome> resolveAll(Collection<String> uuids, SyncDecision decision);

  /**
   * Decides all conflicts that a filter lets through, 1000 at the most, the oldest first, as {@link
   * #resolveAll(Collection, SyncDecision)} does.
   *
   * @throws IllegalStateException when the calling thread has a transaction
   * @throws org.openmrs.sync2.SyncConfigurationException also when the filter names what is none
   */
  @Authorized(Sync2Privileges.RESOLVE)
  List<SyncResolution.Outcome> resolveAll(SyncConflictFilter filter, SyncDecision decision);

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
