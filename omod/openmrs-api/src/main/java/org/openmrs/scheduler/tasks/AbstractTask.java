package org.openmrs.scheduler.tasks;

import java.util.concurrent.ExecutionException;
import org.openmrs.scheduler.Task;

public abstract class AbstractTask implements Task {

  protected AbstractTask() {
    throw new UnsupportedOperationException();
  }

  public abstract void execute() throws InterruptedException, ExecutionException;
}
