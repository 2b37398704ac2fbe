package org.openmrs.module.sync2.kind;

/** The properties of an entity as Hibernate has them at one moment. */
public final class EntityState {

  private final String[] names;
  private final Object[] values;

  /**
   * The values of properties.
   *
   * @param names of the properties
   * @param values of the same, in the same order
   */
  public EntityState(String[] names, Object[] values) {
    this.names = names;
    this.values = values;
  }

  /** The value of a property; null when there is no such property. */
  public Object get(String name) {
    for (int index = 0; index < names.length; index++) {
      if (names[index].equals(name)) {
        return values[index];
      }
    }
    return null;
  }
}
