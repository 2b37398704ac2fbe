package org.openmrs.module.sync2.host.fhir;

import org.hl7.fhir.exceptions.FHIRException;
import org.hl7.fhir.r4.model.Resource;
import org.openmrs.OpenmrsObject;
import org.openmrs.module.sync2.host.CategoryObjects;
import org.openmrs.module.sync2.host.writing.Writing;
import org.openmrs.sync2.SyncHost;
import org.openmrs.sync2.SyncRejectedException;

/**
 * One category in FHIR: the order of the steps, which is that of the FHIR module's own services.
 * They translate, validate and store in one call, and what their translators lose can only be put
 * right in between; so the steps are taken here, with the module's translators and stores.
 *
 * @param <R> the FHIR resource
 * @param <T> what OpenMRS has for it
 */
abstract class FhirCategory<R extends Resource, T extends OpenmrsObject>
    implements CategoryObjects {

  private final Class<R> resourceType;

  FhirCategory(Class<R> resourceType) {
    this.resourceType = resourceType;
  }

  /** The object, removed or not; null when it was never here. */
  abstract T find(String uuid);

  /** Returns true if the FHIR module answers that it is gone. */
  abstract boolean isRemoved(T object);

  /** The object in FHIR. */
  abstract R toFhir(T object);

  /**
   * Creates or changes the object, so that it is as the document says and not removed.
   *
   * @param here null when it was never here
   * @param document has the object's uuid as its id
   * @param writing how it gets into OpenMRS
   */
  abstract void write(T here, R document, Writing writing);

  /** Voids or retires the object as OpenMRS does, with all that hangs on it. */
  abstract void withdraw(T object, String reason);

  /** Deletes the object from the database. */
  abstract void purge(T object);

  @Override
  public final void save(String uuid, byte[] json, Writing writing) {
    R document = FhirJson.parse(resourceType, json);
    document.setId(uuid);
    try {
      writing.wholly(() -> write(find(uuid), document, writing));
    } catch (IllegalArgumentException | FHIRException e) {
      throw new SyncRejectedException(
          resourceType.getSimpleName()
              + " "
              + uuid
              + " is not as OpenMRS's FHIR module takes it: "
              + e.getMessage());
    }
  }

  @Override
  public final void remove(String uuid, String action, String reason, Writing writing) {
    T object = find(uuid);
    if (object == null) {
      return;
    }
    if (action.equals("DELETED")) {
      writing.purging(() -> purge(object));
    } else if (!isRemoved(object)) {
      writing.wholly(() -> withdraw(object, reason));
    }
  }

  @Override
  public final byte[] read(String uuid) {
    T object = find(uuid);
    if (object == null) {
      return null;
    }
    return isRemoved(object) ? SyncHost.REMOVED : FhirJson.encode(toFhir(object));
  }
}
