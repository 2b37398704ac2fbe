package org.openmrs.sync2.acceptance;

/** The ways in which a benchmark has the same objects saved. */
enum Contestant {
  module("through the module"),
  serial("one request after the other"),
  bare("by OpenMRS alone");

  private final String words;

  Contestant(String words) {
    this.words = words;
  }

  /** To go on with after a rate. */
  String words() {
    return words;
  }
}
