package org.openmrs.module.sync2.host.rest;

import java.sql.SQLException;
import java.util.stream.Collectors;
import org.hibernate.PropertyValueException;
import org.hibernate.exception.ConstraintViolationException;
import org.hibernate.exception.DataException;
import org.openmrs.api.APIException;
import org.openmrs.api.ValidationException;
import org.openmrs.api.context.Context;
import org.openmrs.sync2.SyncRejectedException;
import org.springframework.validation.Errors;
import org.springframework.validation.FieldError;
import org.springframework.validation.ObjectError;

/** What OpenMRS and its database say when they refuse an object, in words for an administrator. */
final class Refusals {

  private Refusals() {}

  static SyncRejectedException of(APIException refused) {
    String message = refused.getMessage();
    return refusal(message == null ? refused.getClass().getName() : message);
  }

  /** Without the name that OpenMRS gives the object there, which can be that of a patient. */
  static SyncRejectedException of(ValidationException refused) {
    Errors errors = refused.getErrors();
    return errors == null ? of((APIException) refused) : of(errors);
  }

  /** Each field with what is wrong with it. */
  static SyncRejectedException of(Errors errors) {
    return refusal(
        errors.getAllErrors().stream()
            .map(Refusals::words)
            .distinct()
            .collect(Collectors.joining("; ")));
  }

  /** Whether the database refuses the object, and is not itself in trouble. */
  static boolean isAboutTheObject(RuntimeException thrown) {
    return cause(thrown, ConstraintViolationException.class) != null
        || cause(thrown, DataException.class) != null
        || cause(thrown, PropertyValueException.class) != null;
  }

  /** The constraint, field or state, not the database's message: that holds values. */
  static SyncRejectedException ofDatabase(RuntimeException refused) {
    return new SyncRejectedException("the database refuses it: " + why(refused));
  }

  private static String why(RuntimeException refused) {
    ConstraintViolationException violation = cause(refused, ConstraintViolationException.class);
    if (violation != null) {
      return "the constraint " + violation.getConstraintName() + " does not hold";
    }
    PropertyValueException empty = cause(refused, PropertyValueException.class);
    if (empty != null) {
      return empty.getEntityName() + " needs a value of " + empty.getPropertyName();
    }
    SQLException failure = cause(refused, SQLException.class);
    return "a value does not fit its column (SQL state "
        + (failure == null ? "unknown" : failure.getSQLState())
        + ")";
  }

  private static SyncRejectedException refusal(String words) {
    return new SyncRejectedException("OpenMRS refuses it: " + words);
  }

  private static String words(ObjectError error) {
    String message = Context.getMessageSourceService().getMessage(error, Context.getLocale());
    return error instanceof FieldError ? ((FieldError) error).getField() + ": " + message : message;
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
