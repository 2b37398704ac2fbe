package org.openmrs.scheduler;

public class SchedulerException extends Exception {

  private static final long serialVersionUID = 1L;
}
