package org.openmrs.module.sync2.task;

import java.util.Date;
import org.openmrs.api.context.Context;
import org.openmrs.scheduler.SchedulerException;
import org.openmrs.scheduler.SchedulerService;
import org.openmrs.scheduler.TaskDefinition;
import org.openmrs.sync2.SyncPulls;

/**
 * The task in OpenMRS's scheduler that starts the pulls. It is called several times in an interval,
 * since an interval begins when a pull ends, and the parent can ask for a longer pause.
 *
 * <p>To be called on daemon threads: the user needs {@code Manage Scheduler}. Blocks on the
 * database.
 */
public final class PullSchedule {

  /** By this the task is found again. */
  private static final String NAME = "Sync 2: pull from the parent";

  private static final String DESCRIPTION =
      "Starts a pull when pull.intervalSeconds have passed since the last one ended. The module"
          + " starts and stops this task itself.";

  private PullSchedule() {}

  /** Starts the task, or ends it when pulling is not enabled. */
  public static void start(SyncPulls pulls) throws SchedulerException {
    if (!pulls.engine().status().pullEnabled()) {
      stop();
      return;
    }
    SchedulerService scheduler = Context.getSchedulerService();
    TaskDefinition task = scheduler.getTaskByName(NAME);
    if (task == null) {
      task = new TaskDefinition(null, NAME, DESCRIPTION, PullTask.class.getName());
    }
    task.setRepeatInterval(pulls.tick().getSeconds());
    task.setStartTime(new Date());
    // The scheduler must not start it: it would not find the class once the module is stopped.
    task.setStartOnStartup(false);
    scheduler.saveTaskDefinition(task);
    scheduler.rescheduleTask(task);
  }

  /** Ends the task; a pull that is under way goes on. */
  public static void stop() throws SchedulerException {
    SchedulerService scheduler = Context.getSchedulerService();
    TaskDefinition task = scheduler.getTaskByName(NAME);
    if (task != null) {
      scheduler.shutdownTask(task);
    }
  }
}
