package org.openmrs.scheduler;

public interface SchedulerService {

  void shutdownTask(TaskDefinition taskDefinition) throws SchedulerException;

  Task rescheduleTask(TaskDefinition taskDefinition) throws SchedulerException;

  TaskDefinition getTaskByName(String text);

  void saveTaskDefinition(TaskDefinition taskDefinition);
}
