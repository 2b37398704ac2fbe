package org.openmrs.sync2.node.demo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;

/**
 * An object to be put into a node.
 *
 * @param id the FHIR id or OpenMRS uuid
 * @param document FHIR R4 JSON or OpenMRS REST JSON, as its kind says
 */
public record SourceObject(ObjectKind kind, String id, ObjectNode document) {

  /** Returns the text of references to this object: {@code Patient/ID}. */
  public String key() {
    return kind.type() + "/" + id;
  }

  /** The keys of the objects that this one refers to. */
  public Set<String> references() {
    return References.of(document);
  }
}
