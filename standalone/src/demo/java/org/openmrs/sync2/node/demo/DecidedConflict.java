package org.openmrs.sync2.node.demo;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * A conflict that was met and decided.
 *
 * @param object the key of the object
 * @param differences what was in dispute, as the API shows it
 * @param stillOpen how many conflicts are left, at the child and at the parent
 * @param holds whether both nodes have what was decided, and what only one of them had changed
 */
record DecidedConflict(String object, JsonNode differences, int stillOpen, boolean holds) {

  boolean isResolved() {
    return !differences.isEmpty() && stillOpen == 0 && holds;
  }
}
