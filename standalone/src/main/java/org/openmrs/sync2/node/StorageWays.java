package org.openmrs.sync2.node;

import java.util.List;
import java.util.Set;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r4.model.Resource;
import org.openmrs.sync2.SyncDependent;
import org.openmrs.sync2.SyncDuplicateException;

/**
 * In which ways a storage differs from one that keeps each resource as it is, and removes it alone.
 * Checks and answers are made in a transaction of the calling thread.
 */
public interface StorageWays {

  /** Of a storage that differs in nothing. */
  StorageWays PLAIN = new StorageWays() {};

  /** Hooks into the storage. They are asked after a change has been told in the feed. */
  default List<Object> hooks() {
    return List.of();
  }

  /** FHIR types that it does not change in place. */
  default Set<String> unchangeableTypes() {
    return Set.of();
  }

  /**
   * Checks a resource that is about to be saved.
   *
   * @throws SyncDuplicateException when it is new here, and another one has its name
   */
  default void check(String uuid, IBaseResource resource) {}

  /** Everything that hangs on an object, removed or not. */
  default List<SyncDependent> dependents(String category, String uuid) {
    return List.of();
  }

  /** The ids of what a resource hangs on. */
  default List<String> ownersOf(Resource resource) {
    return List.of();
  }

  /**
   * Why an object was removed, which may be empty; null when it is not removed, or when it is not
   * known whether it is.
   */
  default String whyRemoved(String category, String uuid) {
    return null;
  }
}
