package org.openmrs.sync2;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/** A pull or push that was started. */
public final class StartedRun {

  private final String runId;
  private final Future<SyncRun> end;

  StartedRun(String runId, Future<SyncRun> end) {
    this.runId = runId;
    this.end = end;
  }

  /** The id of its run. */
  public String runId() {
    return runId;
  }

  /**
   * Waits until the run has ended. An interrupt ends the waiting, not the run.
   *
   * @return what it did; a run that was interrupted or cancelled says so in its state
   * @throws SyncException when it could not begin
   */
  public SyncRun await() throws InterruptedException {
    try {
      return end.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException) {
        throw (RuntimeException) e.getCause();
      }
      throw new IllegalStateException("the run failed", e.getCause());
    }
  }
}
