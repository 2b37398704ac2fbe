package org.openmrs.sync2;

import java.sql.SQLException;

/**
 * A failure as the log may have it: of which classes, and where, without what they say. The message
 * of what OpenMRS, its modules or a database throw may name a patient, or forge a line of the log.
 * Only what this program words itself is kept: what is wrong with the configuration, for instance.
 */
public final class LoggedFailure extends Throwable {

  private static final long serialVersionUID = 1L;

  /** Longer chains are cut; one may even lead back to itself. */
  private static final int MOST_CAUSES = 10;

  private LoggedFailure(Throwable failure, int depth) {
    super(name(failure), cause(failure, depth), false, true);
    setStackTrace(failure.getStackTrace());
  }

  /** To be given to a logger in place of that failure: with its stack and those of its causes. */
  public static LoggedFailure of(Throwable failure) {
    return new LoggedFailure(failure, 0);
  }

  /** In one line: the failure and its causes. */
  public static String words(Throwable failure) {
    StringBuilder words = new StringBuilder(name(failure));
    Throwable cause = failure.getCause();
    for (int depth = 1; cause != null && depth < MOST_CAUSES; depth++) {
      words.append(", because of ").append(name(cause));
      cause = cause.getCause();
    }
    return words.toString();
  }

  private static LoggedFailure cause(Throwable failure, int depth) {
    Throwable cause = failure.getCause();
    return cause == null || depth == MOST_CAUSES ? null : new LoggedFailure(cause, depth + 1);
  }

  private static String name(Throwable failure) {
    String name = failure.getClass().getName();
    if (isWordedHere(failure)) {
      return oneLine(failure.getMessage());
    }
    if (failure instanceof LinkageError) {
      return name + ": " + oneLine(failure.getMessage());
    }
    if (failure instanceof SQLException) {
      SQLException refused = (SQLException) failure;
      String state = String.valueOf(refused.getSQLState()).replaceAll("[^0-9A-Za-z]", "");
      return name + " (" + state + "/" + refused.getErrorCode() + ")";
    }
    return name;
  }

  private static String oneLine(String message) {
    return String.valueOf(message).replaceAll("\\p{Cntrl}", " ");
  }

  private static boolean isWordedHere(Throwable failure) {
    return failure instanceof SyncConfigurationException
        || failure instanceof SyncAlreadyRunningException
        || failure instanceof SyncClosedException;
  }

  /** Some loggers write this, others the class and the message. */
  @Override
  public String toString() {
    return getMessage();
  }
}
