package org.openmrs.module.sync2.kind;

import org.openmrs.sync2.Change.Action;

/** How objects of a kind are taken out of use without being deleted, and what is told of that. */
public enum Withdrawal {
  VOIDED("voided", Action.VOIDED, Action.UNVOIDED),
  /** A person's own, as OpenMRS names it: a patient has both. */
  PERSON_VOIDED("personVoided", Action.VOIDED, Action.UNVOIDED),
  RETIRED("retired", Action.RETIRED, Action.UNRETIRED);

  private final String property;
  private final Action removed;
  private final Action restored;

  Withdrawal(String property, Action removed, Action restored) {
    this.property = property;
    this.removed = removed;
    this.restored = restored;
  }

  /** The property that says that it was taken out of use. */
  public String property() {
    return property;
  }

  /**
   * Returns the change to tell of a new object. One that was voided before anybody saw it is not
   * there; what is retired is, for whatever refers to it.
   */
  public Action ofInsert(EntityState state) {
    return this != RETIRED && isRemoved(state) ? removed : Action.CREATED;
  }

  /**
   * Returns the change to tell of an object that was changed.
   *
   * @param before null when it is not known: then what is removed now may have been removed now,
   *     and a reader looks whether it is
   */
  public Action ofUpdate(EntityState before, EntityState after) {
    boolean was = before != null && isRemoved(before);
    boolean is = isRemoved(after);
    if (was == is) {
      return Action.UPDATED;
    }
    return is ? removed : restored;
  }

  private boolean isRemoved(EntityState state) {
    return Boolean.TRUE.equals(state.get(property));
  }
}
