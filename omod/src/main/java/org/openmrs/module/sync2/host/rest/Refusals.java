package org.openmrs.module.sync2.host.rest;

import java.sql.SQLException;
import java.util.stream.Collectors;
import org.hibernate.exception.ConstraintViolationException;
import org.openmrs.api.ValidationException;
import org.openmrs.api.context.Context;
import org.openmrs.sync2.SyncRejectedException;
import org.springframework.validation.Errors;
import org.springframework.validation.FieldError;
import org.springframework.validation.ObjectError;

/** What OpenMRS and its database say when they refuse an object, in words for an administrator. */
final class Refusals {

  private Refusals() {}

  /**
   * Each field with what is wrong with it, without the object's name, which would be patient data.
   */
  static SyncRejectedException of(ValidationException refused) {
    Errors errors = refused.getErrors();
    return new SyncRejectedException(errors == null ? words(refused) : of(errors));
  }

  static String of(Errors errors) {
    return errors.getAllErrors().stream()
        .map(Refusals::words)
        .distinct()
        .collect(Collectors.joining("; ", "OpenMRS refuses it: ", ""));
  }

  private static String words(ObjectError error) {
    String message = Context.getMessageSourceService().getMessage(error, Context.getLocale());
    return error instanceof FieldError ? ((FieldError) error).getField() + ": " + message : message;
  }

  static String words(RuntimeException refused) {
    String message = refused.getMessage();
    return "OpenMRS refuses it: " + (message == null ? refused.getClass().getName() : message);
  }

  static boolean isCausedBy(Throwable thrown, Class<? extends Throwable> type) {
    return cause(thrown, type) != null;
  }

  /** The constraint or the state, not the database's message: that holds values. */
  static String ofDatabase(RuntimeException refused) {
    ConstraintViolationException violation = cause(refused, ConstraintViolationException.class);
    if (violation != null) {
      return "the database refuses it: the constraint "
          + violation.getConstraintName()
          + " does not hold";
    }
    SQLException failure = cause(refused, SQLException.class);
    return "the database refuses it: a value does not fit its column (SQL state "
        + (failure == null ? "unknown" : failure.getSQLState())
        + ")";
  }

  private static <E extends Throwable> E cause(Throwable thrown, Class<E> type) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (type.isInstance(cause)) {
        return type.cast(cause);
      }
    }
    return null;
  }
}
