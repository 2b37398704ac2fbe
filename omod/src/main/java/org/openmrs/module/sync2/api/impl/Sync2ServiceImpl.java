package org.openmrs.module.sync2.api.impl;

import java.util.Collection;
import java.util.List;
import org.openmrs.module.sync2.Account;
import org.openmrs.module.sync2.api.Sync2Service;
import org.openmrs.module.sync2.engine.SyncRuntime;
import org.openmrs.sync2.AuditQuery;
import org.openmrs.sync2.SyncApi;
import org.openmrs.sync2.SyncConflictFilter;
import org.openmrs.sync2.SyncConnectionTest;
import org.openmrs.sync2.SyncDecision;
import org.openmrs.sync2.SyncEngine;
import org.openmrs.sync2.SyncPreflight;
import org.openmrs.sync2.SyncResolution;
import org.openmrs.sync2.SyncRun;
import org.openmrs.sync2.SyncStatus;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** Hands calls to the engine that is open. */
public class Sync2ServiceImpl implements Sync2Service {

  private static final String NO_RUN =
      "a thread with a transaction must not wait for a run: use startPull() or startPush()";

  private static final String NO_DECISION =
      "a thread with a transaction must not wait for what is done about a conflict: end it before";

  private final SyncRuntime runtime = SyncRuntime.get();

  private final SyncApi api = new SyncApi(runtime);

  /** Whoever decides need not be allowed to edit each kind of object: a daemon thread is. */
  private final SyncApi decisions = new SyncApi(runtime, runtime::callOnDaemonThread);

  @Override
  public SyncRun pull() throws InterruptedException {
    refuseTransaction(NO_RUN);
    return runtime.pulls().start().await();
  }

  @Override
  public SyncRun pullObject(String category, String uuid) throws InterruptedException {
    refuseTransaction(NO_RUN);
    return runtime.pulls().start(category, uuid).await();
  }

  @Override
  public String startPull() {
    return runtime.pulls().start().runId();
  }

  @Override
  public SyncRun push() throws InterruptedException {
    refuseTransaction(NO_RUN);
    return runtime.pushes().start().await();
  }

  @Override
  public String startPush() {
    return runtime.pushes().start().runId();
  }

  @Override
  public void cancel() {
    engine().cancel();
  }

  @Override
  public String chooseNode(String choice) {
    return engine().chooseNode(choice);
  }

  @Override
  public SyncStatus status() {
    return api.status();
  }

  @Override
  public SyncConnectionTest testConnection() {
    return engine().connectionTest();
  }

  @Override
  public SyncPreflight preflight() {
    return engine().preflight();
  }

  @Override
  public byte[] audit(AuditQuery query) {
    return engine().audit(query);
  }

  @Override
  public byte[] runs(long limit, long offset) {
    return engine().runs(limit, offset);
  }

  @Override
  public byte[] parked(long limit, long offset) {
    return engine().parked(limit, offset);
  }

  @Override
  public byte[] conflicts(long limit, long offset) {
    return engine().conflicts(limit, offset);
  }

  @Override
  public byte[] conflict(String uuid) {
    refuseTransaction(NO_DECISION);
    return decisions.conflict(uuid);
  }

  @Override
  public SyncResolution resolve(String uuid, SyncDecision decision) {
    refuseTransaction(NO_DECISION);
    return decisions.resolve(uuid, decision.by(Account.name()));
  }

  @Override
  public List<SyncResolution.Outcome> resolveAll(Collection<String> uuids, SyncDecision decision) {
    refuseTransaction(NO_DECISION);
    return decisions.resolveAll(uuids, decision.by(Account.name()));
  }

  @Override
  public List<SyncResolution.Outcome> resolveAll(SyncConflictFilter filter, SyncDecision decision) {
    refuseTransaction(NO_DECISION);
    return decisions.resolveAll(filter, decision.by(Account.name()));
  }

  @Override
  public long retry(Collection<String> auditUuids) {
    return api.retry(auditUuids);
  }

  @Override
  public String configuration() {
    return runtime.configuration();
  }

  @Override
  public void saveConfiguration(String json) {
    runtime.saveConfiguration(json);
  }

  @Override
  public List<String> checkConfiguration(String json) {
    return runtime.checkConfiguration(json);
  }

  private SyncEngine engine() {
    return runtime.engine();
  }

  /** Its locks would be held for as long as the work takes, and the work might wait for them. */
  private static void refuseTransaction(String message) {
    if (TransactionSynchronizationManager.isActualTransactionActive()) {
      throw new IllegalStateException(message);
    }
  }
}
