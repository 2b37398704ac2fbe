package org.openmrs.module.sync2.task;

import org.openmrs.module.sync2.engine.SyncRuntime;
import org.openmrs.scheduler.tasks.AbstractTask;

/**
 * The scheduler's task: starts a push when one is due and returns at once, so that the scheduler
 * waits for no run. See {@link RunSchedule} for how often it is called.
 */
public class PushTask extends AbstractTask {

  @Override
  public void execute() {
    SyncRuntime.get().startPushIfDue();
  }
}
