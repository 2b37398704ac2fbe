package org.openmrs.module.sync2.task;

import java.time.Duration;
import java.util.Date;
import org.openmrs.api.context.Context;
import org.openmrs.scheduler.SchedulerException;
import org.openmrs.scheduler.SchedulerService;
import org.openmrs.scheduler.Task;
import org.openmrs.scheduler.TaskDefinition;

/**
 * The tasks in OpenMRS's scheduler: one for each direction, which starts its runs, and one that
 * keeps that this server listens to its changes. The task of a direction is called several times in
 * an interval, since an interval begins when a run ends, and the parent can ask for a longer pause.
 *
 * <p>To be called on daemon threads: the user needs {@code Manage Scheduler}. Blocks on the
 * database.
 */
public enum RunSchedule {
  /** From the parent. */
  PULLS(
      "Sync 2: pull from the parent",
      "Starts a pull when pull.intervalSeconds have passed since the last one ended.",
      PullTask.class),
  /** To the parent. */
  PUSHES(
      "Sync 2: push to the parent",
      "Starts a push when push.intervalSeconds have passed since the last one ended.",
      PushTask.class),
  /** To the own changes. */
  LISTENING(
      "Sync 2: listen to this server's changes",
      "Keeps that changes of this server are noticed, and searches what was missed.",
      ListeningTask.class);

  /** By this the task is found again. */
  private final String taskName;

  private final String description;
  private final Class<? extends Task> task;

  RunSchedule(String taskName, String description, Class<? extends Task> task) {
    this.taskName = taskName;
    this.description = description + " The module starts and stops this task itself.";
    this.task = task;
  }

  /**
   * Starts the task, or ends it when the direction is not enabled.
   *
   * @param tick how often it is called
   */
  public void start(boolean enabled, Duration tick) throws SchedulerException {
    if (!enabled) {
      stop();
      return;
    }
    SchedulerService scheduler = Context.getSchedulerService();
    TaskDefinition definition = scheduler.getTaskByName(taskName);
    if (definition == null) {
      definition = new TaskDefinition(null, taskName, description, task.getName());
    }
    definition.setRepeatInterval(tick.getSeconds());
    definition.setStartTime(new Date());
    // The scheduler must not start it: it would not find the class once the module is stopped.
    definition.setStartOnStartup(false);
    scheduler.saveTaskDefinition(definition);
    scheduler.rescheduleTask(definition);
  }

  /** Ends the task; a run that is under way goes on. */
  public void stop() throws SchedulerException {
    SchedulerService scheduler = Context.getSchedulerService();
    TaskDefinition definition = scheduler.getTaskByName(taskName);
    if (definition != null) {
      scheduler.shutdownTask(definition);
    }
  }
}
