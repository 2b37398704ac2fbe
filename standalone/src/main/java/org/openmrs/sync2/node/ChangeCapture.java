package org.openmrs.sync2.node;

import ca.uhn.fhir.interceptor.api.Hook;
import ca.uhn.fhir.interceptor.api.Interceptor;
import ca.uhn.fhir.interceptor.api.Pointcut;
import org.hl7.fhir.instance.model.api.IBaseResource;

/** Queues an event for each FHIR resource that changes, in the change's own transaction. */
@Interceptor
public final class ChangeCapture {

  private final EventFeed feed;

  ChangeCapture(EventFeed feed) {
    this.feed = feed;
  }

  @Hook(Pointcut.STORAGE_PRECOMMIT_RESOURCE_CREATED)
  public void created(IBaseResource resource) {
    queue(resource, "CREATED");
  }

  /** The second parameter is what the resource has become. */
  @Hook(Pointcut.STORAGE_PRECOMMIT_RESOURCE_UPDATED)
  public void updated(IBaseResource before, IBaseResource after) {
    queue(after, "UPDATED");
  }

  @Hook(Pointcut.STORAGE_PRECOMMIT_RESOURCE_DELETED)
  public void deleted(IBaseResource resource) {
    queue(resource, "VOIDED");
  }

  private void queue(IBaseResource resource, String action) {
    NodeCategory category = NodeCategory.ofFhirType(resource.fhirType());
    if (category != null) {
      feed.queue(category, action, resource.getIdElement().getIdPart());
    }
  }
}
