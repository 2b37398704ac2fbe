package org.openmrs.sync2.node;

import java.util.List;
import org.hl7.fhir.r4.model.Resource;
import org.openmrs.sync2.SyncDependent;

/** The resources that a storage removes together with one. */
interface Cascade {

  /** Of a storage that removes each resource alone, and keeps nothing about it. */
  Cascade NONE =
      new Cascade() {
        @Override
        public List<SyncDependent> on(String category, String uuid) {
          return List.of();
        }

        @Override
        public List<String> ownersOf(Resource resource) {
          return List.of();
        }

        @Override
        public String whyRemoved(String category, String uuid) {
          return null;
        }
      };

  /** Everything that hangs on a resource, removed or not. */
  List<SyncDependent> on(String category, String uuid);

  /** The ids of what a resource hangs on. */
  List<String> ownersOf(Resource resource);

  /**
   * Why a resource was removed, which may be empty; null when it is not removed, or when it is not
   * known whether it is.
   */
  String whyRemoved(String category, String uuid);
}
