package org.openmrs.module.sync2.kind;

/**
 * A kind of OpenMRS object that is a part of another: whatever happens to it is a change of that
 * one, which is told of, too.
 */
public final class Part {

  private final String entityName;
  private final String property;
  private final Kind whole;

  Part(String entityName, String property, Kind whole) {
    this.entityName = entityName;
    this.property = property;
    this.whole = whole;
  }

  /** As Hibernate names it. */
  public String entityName() {
    return entityName;
  }

  /** The property that holds what it is a part of. */
  public String property() {
    return property;
  }

  /** Returns the kind that it is a part of. A person may be a patient. */
  public Kind whole() {
    return whole;
  }
}
