package org.openmrs.sync2.acceptance;

/** What was seen is not what must be seen. The message says both. */
public final class CaseFailure extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public CaseFailure(String message) {
    super(message);
  }

  /** Fails with this message unless the condition holds. */
  public static void unless(boolean condition, String message) {
    if (!condition) {
      throw new CaseFailure(message);
    }
  }
}
