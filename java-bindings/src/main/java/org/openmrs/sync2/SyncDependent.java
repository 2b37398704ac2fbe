package org.openmrs.sync2;

import java.util.List;
import java.util.Objects;

/** Something that hangs on an object: removing that one removes it, too. Cannot be changed. */
public final class SyncDependent {

  private final String category;
  private final String uuid;
  private final boolean removed;
  private final String label;

  /**
   * @param category such as {@code encounter}
   * @param removed whether it is removed already
   * @param label what a person knows it by: kind, date and type, never what was found or noted
   */
  public SyncDependent(String category, String uuid, boolean removed, String label) {
    this.category = Objects.requireNonNull(category, "category");
    this.uuid = Objects.requireNonNull(uuid, "uuid");
    this.removed = removed;
    this.label = Objects.requireNonNull(label, "label");
  }

  /** As {@link SyncHost#dependents} answers. */
  public static byte[] json(List<SyncDependent> dependents) {
    return Json.write(dependents);
  }

  /** Returns the kind of object. */
  public String category() {
    return category;
  }

  /** The object's OpenMRS uuid. */
  public String uuid() {
    return uuid;
  }

  /** Returns true if it is removed already. */
  public boolean isRemoved() {
    return removed;
  }

  /** Returns the name by which a person knows it. */
  public String label() {
    return label;
  }
}
