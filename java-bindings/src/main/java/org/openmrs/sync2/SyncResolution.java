package org.openmrs.sync2;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The steps that were taken about a conflict. */
public final class SyncResolution {

  /** The result for one of several conflicts. */
  public static final class Outcome {
    private String uuid;
    private SyncResolution resolved;
    private WhyNot error;

    private Outcome() {}

    /** The conflict's. */
    public String uuid() {
      return uuid;
    }

    /** Returns the steps that were taken; null when it could not be done, and nothing was. */
    public SyncResolution resolved() {
      return resolved;
    }

    /** Which failure it is, see {@link SyncException#kind()}; null when it was resolved. */
    public String errorKind() {
      return error == null ? null : error.kind;
    }

    /** Why it could not be done; null when it was resolved. */
    public String errorMessage() {
      return error == null ? null : error.message;
    }
  }

  private static final class WhyNot {
    private String kind;
    private String message;
  }

  private static final class ObjectId {
    private String category;
    private String uuid;
  }

  private String uuid;
  private ObjectId object;
  private String choice;
  private String auditUuid;
  private boolean goesUp;
  private boolean goesDown;
  private long comesBack;
  private List<String> lostPaths = new ArrayList<>();

  private SyncResolution() {}

  /** The conflict's. */
  public String uuid() {
    return uuid;
  }

  /** The category of the object that it was about, such as {@code patient}. */
  public String category() {
    return object.category;
  }

  /** The uuid of that object. */
  public String objectUuid() {
    return object.uuid;
  }

  /** Returns the choice. */
  public String choice() {
    return choice;
  }

  /** The audit message that tells of it. */
  public String auditUuid() {
    return auditUuid;
  }

  /** Returns true if something goes to the parent with the next push. */
  public boolean goesUp() {
    return goesUp;
  }

  /**
   * Returns true if the child that met the conflict hears of it by its next pull, and carries it
   * out.
   */
  public boolean goesDown() {
    return goesDown;
  }

  /** How many objects the next pull brings back. */
  public long comesBack() {
    return comesBack;
  }

  /** Where what was read back differs from what was saved. */
  public List<String> lostPaths() {
    return Collections.unmodifiableList(lostPaths);
  }
}
