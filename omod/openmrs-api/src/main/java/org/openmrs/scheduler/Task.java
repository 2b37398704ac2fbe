package org.openmrs.scheduler;

import java.util.concurrent.ExecutionException;

public interface Task {

  void execute() throws InterruptedException, ExecutionException;
}
