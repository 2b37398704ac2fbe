package org.openmrs.scheduler;

import java.util.Date;
import org.openmrs.BaseOpenmrsMetadata;

public class TaskDefinition extends BaseOpenmrsMetadata {

  public TaskDefinition(Integer id, String name, String description, String taskClass) {
    throw new UnsupportedOperationException();
  }

  public void setStartTime(Date startTime) {
    throw new UnsupportedOperationException();
  }

  public void setRepeatInterval(Long repeatInterval) {
    throw new UnsupportedOperationException();
  }

  public void setStartOnStartup(Boolean startOnStartup) {
    throw new UnsupportedOperationException();
  }
}
