package org.openmrs.sync2.node;

import ca.uhn.fhir.interceptor.api.Hook;
import ca.uhn.fhir.interceptor.api.Interceptor;
import ca.uhn.fhir.interceptor.api.Pointcut;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r4.model.Resource;
import org.openmrs.sync2.Change;
import org.openmrs.sync2.Change.Action;

/** Tells of each FHIR resource that changes, in the change's own transaction. */
@Interceptor
public final class ChangeCapture {

  private final ChangeLog changes;
  private final StorageWays ways;

  /**
   * @param ways of this storage: what each resource hangs on
   */
  ChangeCapture(ChangeLog changes, StorageWays ways) {
    this.changes = changes;
    this.ways = ways;
  }

  @Hook(Pointcut.STORAGE_PRECOMMIT_RESOURCE_CREATED)
  public void created(IBaseResource resource) {
    capture(resource, Action.CREATED);
  }

  /** The second parameter is what the resource has become. */
  @Hook(Pointcut.STORAGE_PRECOMMIT_RESOURCE_UPDATED)
  public void updated(IBaseResource before, IBaseResource after) {
    capture(after, before.isDeleted() ? Action.UNVOIDED : Action.UPDATED);
  }

  @Hook(Pointcut.STORAGE_PRECOMMIT_RESOURCE_DELETED)
  public void deleted(IBaseResource resource) {
    capture(resource, Action.VOIDED);
  }

  private void capture(IBaseResource resource, Action action) {
    NodeCategory category = NodeCategory.ofFhirType(resource.fhirType());
    if (category == null) {
      return;
    }
    Belonging belonging = Belonging.of((Resource) resource);
    changes.add(
        category,
        Change.of(category.feedName(), resource.getIdElement().getIdPart(), action)
            .ofPatient(belonging.patient())
            .atLocation(belonging.location())
            .hangingOn(ways.ownersOf((Resource) resource)));
  }
}
