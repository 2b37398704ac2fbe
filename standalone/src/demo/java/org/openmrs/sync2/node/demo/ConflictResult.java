package org.openmrs.sync2.node.demo;

/**
 * The result of an edit of the same patient on both sides.
 *
 * @param conflict that was met
 * @param push what the pulls and pushes did, those after the decision included
 */
record ConflictResult(DecidedConflict conflict, PushResult push) {}
