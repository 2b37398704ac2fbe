package org.openmrs.module.sync2.host.fhir;

import org.hibernate.exception.ConstraintViolationException;
import org.hl7.fhir.exceptions.FHIRException;
import org.hl7.fhir.r4.model.Resource;
import org.openmrs.Auditable;
import org.openmrs.OpenmrsObject;
import org.openmrs.api.ValidationException;
import org.openmrs.api.context.Context;
import org.openmrs.module.fhir2.api.dao.FhirDao;
import org.openmrs.module.sync2.host.CategoryObjects;
import org.openmrs.sync2.SyncHost;
import org.openmrs.sync2.SyncRejectedException;
import org.openmrs.validator.ValidateUtil;

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

  /** Whether the FHIR module answers that it is gone. */
  abstract boolean isRemoved(T object);

  /** The object in FHIR. */
  abstract R toFhir(T object);

  /**
   * Creates or changes the object, so that it is as the document says and not removed.
   *
   * @param here null when it was never here
   * @param document has the object's uuid as its id
   */
  abstract void write(T here, R document);

  /** Voids or retires the object as OpenMRS does, with all that hangs on it. */
  abstract void withdraw(T object);

  /** Deletes the object from the database. */
  abstract void purge(T object);

  /**
   * Validates and stores an object by the FHIR module's store. OpenMRS's own services would change
   * what the parent says: choose a preferred name or address, trim texts, assign a visit.
   */
  static <O extends OpenmrsObject & Auditable> void store(FhirDao<O> store, O object) {
    ValidateUtil.validate(object);
    store.createOrUpdate(object);
  }

  @Override
  public final void save(String uuid, byte[] json) {
    R document = FhirJson.parse(resourceType, json);
    document.setId(uuid);
    try {
      write(find(uuid), document);
      Context.flushSession();
    } catch (ValidationException e) {
      throw new SyncRejectedException(name(uuid) + " is refused by OpenMRS: " + e.getMessage());
    } catch (IllegalArgumentException | FHIRException e) {
      throw new SyncRejectedException(
          name(uuid) + " is not as OpenMRS's FHIR module takes it: " + e.getMessage());
    }
  }

  @Override
  public final void remove(String uuid, String action) {
    T object = find(uuid);
    if (object == null) {
      return;
    }
    if (action.equals("DELETED")) {
      delete(uuid, object);
    } else if (!isRemoved(object)) {
      withdraw(object);
      Context.flushSession();
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

  private void delete(String uuid, T object) {
    try {
      purge(object);
      Context.flushSession();
    } catch (RuntimeException e) {
      throw isReferredTo(e) ? stillNeeded(uuid) : e;
    }
  }

  private static boolean isReferredTo(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof ConstraintViolationException) {
        return true;
      }
    }
    return false;
  }

  private SyncRejectedException stillNeeded(String uuid) {
    return new SyncRejectedException(
        name(uuid)
            + " was deleted at the parent, but other data here refers to it: move or delete that"
            + " first, or void or retire the object here by hand");
  }

  private String name(String uuid) {
    return resourceType.getSimpleName() + " " + uuid;
  }
}
