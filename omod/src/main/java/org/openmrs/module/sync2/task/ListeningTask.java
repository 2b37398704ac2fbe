package org.openmrs.module.sync2.task;

import org.openmrs.module.sync2.engine.SyncRuntime;
import org.openmrs.scheduler.tasks.AbstractTask;

/**
 * The scheduler's task: has it kept that this server listens to its own changes, and returns at
 * once.
 */
public class ListeningTask extends AbstractTask {

  @Override
  public void execute() {
    SyncRuntime.get().keepListening();
  }
}
