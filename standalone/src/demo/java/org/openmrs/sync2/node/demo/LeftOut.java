package org.openmrs.sync2.node.demo;

import java.util.SortedMap;

/**
 * The objects that a source has and does not hand over.
 *
 * @param resources how many resources of each FHIR type that no category covers
 * @param references how many references were taken out of the others, because they point at such a
 *     resource or at one that is not in the source; by {@code Type.path -> Type}
 */
public record LeftOut(SortedMap<String, Long> resources, SortedMap<String, Long> references) {

  boolean isEmpty() {
    return resources.isEmpty() && references.isEmpty();
  }
}
